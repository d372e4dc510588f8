package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
)

// The committed files are what this program makes, today and every time.
func TestCommittedFilesAreGenerated(t *testing.T) {
	committed := filepath.Join("..", "inputs", "generated")
	for range 3 {
		block, witness, err := makeBlock()
		if err != nil {
			t.Fatal(err)
		}
		for suffix, made := range map[string][]byte{"-block.rlp": block, "-witness.rlp": witness} {
			file, err := os.ReadFile(committed + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(file, made) {
				t.Fatalf("%s%s has %d bytes that are not the %d generated ones: run `go run ./generate`",
					committed, suffix, len(file), len(made))
			}
		}
	}
}

func TestBlockHoldsEveryTypeOfTransaction(t *testing.T) {
	encoded, _, err := makeBlock()
	if err != nil {
		t.Fatal(err)
	}
	var block types.Block
	if err := rlp.DecodeBytes(encoded, &block); err != nil {
		t.Fatal(err)
	}
	count := make(map[uint8]int)
	for _, tx := range block.Transactions() {
		count[tx.Type()]++
	}
	for kind := range uint8(types.SetCodeTxType + 1) {
		if count[kind] == 0 {
			t.Errorf("no transaction of type %d", kind)
		}
	}
}

func TestGenerateWritesTheFramedInput(t *testing.T) {
	dir := t.TempDir()
	framed := filepath.Join(dir, "input")
	if err := generate(dir, "small", framed, 3); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(framed)
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-block.rlp", "-witness.rlp"} {
		part, err := os.ReadFile(filepath.Join(dir, "small"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(content, part) {
			t.Errorf("the framed input does not hold small%s", suffix)
		}
	}
}
