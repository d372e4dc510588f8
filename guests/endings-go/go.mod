module wasrisc/endings

go 1.26

require wasrisc/guest v0.0.0

replace wasrisc/guest => ../lib/go
