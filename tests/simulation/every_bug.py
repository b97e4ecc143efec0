"""All planted bugs by name: importing their modules registers them."""

from tests.simulation import bugs_of_money as bugs_of_money
from tests.simulation.bugs import BUGS as BUGS
from tests.simulation.bugs import planted as planted
