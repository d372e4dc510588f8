module wasrisc/imports

go 1.26
