module exports

go 1.26
