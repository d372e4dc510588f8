// .NET 8 has no way to import a function of a named module from C# alone.

__attribute__((import_module("wasrisc"), import_name("phase")))
extern void wasrisc_phase(int code);

void announce_phase(int code) { wasrisc_phase(code); }
