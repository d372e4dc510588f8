// Generate makes the block that the guest carries with it: a block and its
// execution witness, from go-ethereum's chain maker, under Hoodi's rules on a
// chain of its own. It makes the same bytes every time.
//
//	go run ./generate -dir inputs
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"

	"wasrisc/guest"
	"wasrisc/stateless/verify"
)

func main() {
	dir := flag.String("dir", "inputs", "directory for `NAME`-block.rlp and NAME-witness.rlp")
	name := flag.String("name", "generated", "name of the files")
	framed := flag.String("o", "", "also write the guest's framed input to this `FILE`")
	runs := flag.Int("runs", 1, "number of runs in the framed input")
	flag.Parse()

	if err := generate(*dir, *name, *framed, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(dir, name, framed string, runs int) error {
	block, witness, err := makeBlock()
	if err != nil {
		return err
	}
	payload, err := rlp.EncodeToBytes([]any{
		params.HoodiChainConfig.ChainID.Uint64(), rlp.RawValue(block), rlp.RawValue(witness)})
	if err != nil {
		return err
	}
	verdict, err := verify.Payload(payload)
	if err != nil {
		return fmt.Errorf("the generated block does not verify: %w", err)
	}
	files := map[string][]byte{
		filepath.Join(dir, name+"-block.rlp"):   block,
		filepath.Join(dir, name+"-witness.rlp"): witness,
	}
	if framed != "" {
		files[framed] = guest.Frame(runs, payload)
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	fmt.Print(verdict)
	return nil
}
