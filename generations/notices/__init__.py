"""What people are told: notices made of the rooms' own rows, shown in the page, mailed, and said by the browser."""
