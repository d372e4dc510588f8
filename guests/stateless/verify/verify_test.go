package verify

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
)

const (
	mainnetID = 1
	sepoliaID = 11155111
	hoodiID   = 560048
)

// A sample is a payload taken apart, for a test to change a part of it.
type sample struct {
	chainID     uint64
	header      *types.Header
	body        *types.Body
	withdrawals bool // whether the block's list has a fourth item
	witness     stateless.ExtWitness
}

func readSample(t *testing.T, chainID uint64, name string) *sample {
	t.Helper()
	var block types.Block
	s := sample{chainID: chainID, withdrawals: true}
	for suffix, value := range map[string]any{"-block.rlp": &block, "-witness.rlp": &s.witness} {
		content, err := os.ReadFile(name + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("there is no %s", name+suffix)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := rlp.DecodeBytes(content, value); err != nil {
			t.Fatalf("%s: %v", name+suffix, err)
		}
	}
	s.header, s.body = block.Header(), block.Body()
	return &s
}

func readGenerated(t *testing.T) *sample {
	t.Helper()
	return readSample(t, hoodiID, filepath.Join("..", "inputs", "generated"))
}

func (s *sample) block() []any {
	block := []any{s.header, s.body.Transactions, s.body.Uncles}
	if s.withdrawals {
		block = append(block, s.body.Withdrawals)
	}
	return block
}

func (s *sample) payload(t *testing.T) []byte {
	t.Helper()
	return encode(t, s.chainID, s.block(), &s.witness)
}

func encode(t *testing.T, items ...any) []byte {
	t.Helper()
	payload, err := rlp.EncodeToBytes(items)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func TestPayload(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "..", "shared", "inputs")
	for _, test := range []struct {
		name    string
		chainID uint64
		verdict string
	}{
		{filepath.Join("..", "inputs", "generated"), hoodiID, "stateless: hoodi block 5 valid: " +
			"state root 0x768b687698accf18f7f45cd31f9fac5c8f7cbd7e4e729497b093cefd8234f6e5 " +
			"receipts root 0x600a3402cf425fc0e410c445fe59f10f16da9967a952adc8d034e2a5fe43108e\n"},
		{filepath.Join(shared, "hoodi-0x1192c3"), hoodiID, "stateless: hoodi block 1151683 valid: " +
			"state root 0x988738a862deab3c8790be98d4ee87686a19ad824ac1570b1db4cee3131a1df9 " +
			"receipts root 0xeaa8c40899a61ae59615cf9985f5e2194f8fd2b57d273be63bde6733e89b12ab\n"},
		{filepath.Join(shared, "mainnet-24628607"), mainnetID, "stateless: mainnet block 24628607 valid: " +
			"state root 0xebe5670f335d9b36b3f3824bcda167b542acc86811784f6c4c073c46f53a6354 " +
			"receipts root 0x83fdda090173bcc59479a90af13d53de02c7663e9591167c585a0c8a1e5155dc\n"},
	} {
		t.Run(filepath.Base(test.name), func(t *testing.T) {
			payload := readSample(t, test.chainID, test.name).payload(t)
			for range 2 {
				verdict, err := Payload(payload)
				if err != nil || verdict != test.verdict {
					t.Fatalf("verdict %q, error %v; want %q", verdict, err, test.verdict)
				}
			}
		})
	}
}

func TestEveryPrefixIsRefused(t *testing.T) {
	payload := readGenerated(t).payload(t)
	for length := 0; length < len(payload); length++ {
		if _, err := Payload(payload[:length]); err == nil {
			t.Fatalf("the first %d bytes of %d are taken for valid", length, len(payload))
		}
	}
}

// A flipped byte may leave a block valid: much of a header, such as its extra
// data, binds nothing but its own hash. It must never end the process.
func TestNoFlippedBytePanics(t *testing.T) {
	payload := readGenerated(t).payload(t)
	for offset := 0; offset < len(payload); offset += 61 {
		changed := bytes.Clone(payload)
		changed[offset] ^= 0xff
		if _, err := Payload(changed); err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("byte %d: a reason of several lines: %v", offset, err)
		}
	}
}
