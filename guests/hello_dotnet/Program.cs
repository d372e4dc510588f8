// The smallest guest with an output: what is left is start-up and exit.

return Guest.Main(_ => "Hello, world!\n"u8.ToArray());
