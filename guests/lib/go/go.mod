module wasrisc/guest

go 1.26
