"""Runs a module under wasmtime, as the wheel `wasmtime` has it, with its WASI.

    WASRISC_ROOT=DIR WASRISC_ENVIRONMENT='NAME=value …' python3 reference.py MODULE ARGUMENT…

DIR becomes the root; the exit code is the module's.
"""

import os
import sys
import threading

import wasmtime
from wasmtime import _ffi

# encoding/json recurses 10,000 times.
STACK = 256 << 20

module, *arguments = sys.argv[1:]
config = wasmtime.Config()
_ffi.wasmtime_config_max_wasm_stack_set(config.ptr(), STACK)
store = wasmtime.Store(wasmtime.Engine(config))
wasi = wasmtime.WasiConfig()
wasi.argv = ["guest"] + arguments
wasi.env = [pair.split("=", 1) for pair in os.environ["WASRISC_ENVIRONMENT"].split()]
wasi.preopen_dir(os.environ["WASRISC_ROOT"], "/")
wasi.inherit_stdout()
wasi.inherit_stderr()
store.set_wasi(wasi)
linker = wasmtime.Linker(store.engine)
linker.define_wasi()
instance = linker.instantiate(store, wasmtime.Module.from_file(store.engine, module))
code = 0


def run():
    global code
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        code = end.code


threading.stack_size(STACK + (16 << 20))
thread = threading.Thread(target=run)
thread.start()
thread.join()
sys.exit(code)
