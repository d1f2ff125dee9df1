"""What is true whatever the devices, the screen and the network are: pure values and rules."""
