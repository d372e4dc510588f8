module wasrisc/with_import

go 1.26

require (
	golang.org/x/crypto v0.55.0
	wasrisc/guest v0.0.0
	wasrisc/imports v0.0.0
)

require golang.org/x/sys v0.47.0 // indirect

replace (
	wasrisc/guest => ../lib/go
	wasrisc/imports => ../lib/go-imports
)
