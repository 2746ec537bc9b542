"""What a city runs before it joins, and after any change: cases on a line that is thrown away, a look at what is real, a report."""
