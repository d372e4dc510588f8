#include "textflag.h"

// func mark(code uint32)
//
// The marker is the seven-byte no-op nopl disp32(%rax) with the displacement
// 0x57415300+code, which no compiler emits for alignment.
TEXT ·mark(SB), NOSPLIT, $0-4
	CMPL	code+0(FP), $1
	JNE	exit
	BYTE	$0x0f; BYTE $0x1f; BYTE $0x80; LONG $0x57415301
	RET
exit:
	BYTE	$0x0f; BYTE $0x1f; BYTE $0x80; LONG $0x57415302
	RET
