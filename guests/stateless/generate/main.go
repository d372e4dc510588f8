// Generate makes the blocks that the guest carries with it: each one with its
// execution witness, from go-ethereum's chain maker, on a chain of its own
// under the rules of a public one. It makes the same bytes every time.
//
//	go run ./generate -dir inputs [FORK…]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/rlp"

	"wasrisc/stateless/verify"
)

func main() {
	dir := flag.String("dir", "inputs", "directory for `NAME`-block.rlp and NAME-witness.rlp")
	asJSON := flag.Bool("rpc", false, "also write NAME-block.json and NAME-witness.json, as a node's RPC gives them")
	flag.Parse()

	if err := generate(*dir, flag.Args(), *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes the files of the forks of these names, and prints a line
// about each: its fork, the name of its files, what the guest says of it.
func generate(dir string, names []string, asJSON bool) error {
	chosen, err := chooseForks(names)
	if err != nil {
		return err
	}
	for _, fork := range chosen {
		files, verdict, err := fork.files(asJSON)
		if err != nil {
			return fmt.Errorf("%s: %w", fork.name, err)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				return err
			}
		}
		fmt.Printf("%s %s %s", fork.name, fork.file, verdict)
	}
	return nil
}

// files makes the fork's block and checks it as the guest does.
func (f *fork) files(asJSON bool) (files map[string][]byte, verdict string, err error) {
	made, err := makeBlock(f)
	if err != nil {
		return nil, "", err
	}
	block, err := rlp.EncodeToBytes(made.block)
	if err != nil {
		return nil, "", err
	}
	witness, err := rlp.EncodeToBytes(made.witness)
	if err != nil {
		return nil, "", err
	}
	payload, err := rlp.EncodeToBytes([]any{
		f.config.ChainID.Uint64(), rlp.RawValue(block), rlp.RawValue(witness)})
	if err != nil {
		return nil, "", err
	}
	if verdict, err = verify.Payload(payload); err != nil {
		return nil, "", fmt.Errorf("the generated block does not verify: %w", err)
	}
	files = map[string][]byte{f.file + "-block.rlp": block, f.file + "-witness.rlp": witness}
	if asJSON {
		if files[f.file+"-block.json"], err = made.blockJSON(f.config); err != nil {
			return nil, "", err
		}
		if files[f.file+"-witness.json"], err = made.witnessJSON(); err != nil {
			return nil, "", err
		}
	}
	return files, verdict, nil
}
