/* flat starts as every bare machine does. */
#include "../bare/start.S"
