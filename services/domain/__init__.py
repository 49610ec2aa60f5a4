"""The words of the desk as plain Python values, with the rules that hold whatever stores or shows them."""
