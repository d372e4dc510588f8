package verify

import (
	"bytes"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// refused expects the payload to be refused for a reason that starts and ends
// as given; what lies between holds hashes.
func refused(t *testing.T, payload []byte, start, end string) {
	t.Helper()
	verdict, err := Payload(payload)
	if err == nil {
		t.Fatalf("verdict %q, want an error", verdict)
	}
	reason := err.Error()
	if !strings.HasPrefix(reason, start) || !strings.HasSuffix(reason, end) || strings.Contains(reason, "\n") {
		t.Fatalf("reason %q, want %q … %q", reason, start, end)
	}
}

func TestMalformedPayloads(t *testing.T) {
	s := readGenerated(t)
	whole := s.payload(t)
	id, block, witness := s.chainID, s.block(), &s.witness
	for _, test := range []struct {
		name       string
		payload    []byte
		start, end string
	}{
		{"empty", nil, "payload is not the list [chain_id, block, witness]: ", "unexpected EOF"},
		{"not a list", []byte("\x83abc"), "payload is not the list [chain_id, block, witness]: ", "expected List"},
		{"truncated", whole[:len(whole)-1], "payload is not the list [chain_id, block, witness]: ", "value size exceeds available input length"},
		{"trailing byte", append(bytes.Clone(whole), 0), "payload: 1 trailing bytes at offset ", ""},
		{"empty list", []byte{0xc0}, "chain id is missing: the payload ends at offset 1", ""},
		{"no block", encode(t, id), "block is missing: the payload ends at offset 5", ""},
		{"no witness", encode(t, id, block), "witness is missing: the payload ends at offset ", ""},
		{"fourth item", encode(t, id, block, witness, uint(0)), "payload at offset ", "a fourth item, expected [chain_id, block, witness]"},
		{"chain id with a leading zero", encode(t, []byte{0, 1}, block, witness), "chain id at payload offset 3 does not decode: ", "leading zero bytes) for uint64"},
		{"chain of nobody", encode(t, uint(5), block, witness), "chain 5 is not known: mainnet is 1, sepolia 11155111, hoodi 560048", ""},
		{"block is bytes", encode(t, id, "block", witness), "block at payload offset 7 does not decode: ", ""},
		{"block without body", encode(t, id, block[:1], witness), "block at payload offset 7 does not decode: ", "too few elements for types.extblock"},
		{"block with a fifth item", encode(t, id, append(block, uint(0)), witness), "block at payload offset 7 does not decode: ", "too many elements for types.extblock"},
		{"witness of two", encode(t, id, block, []any{witness.Headers, witness.Codes}), "witness at payload offset ", "too few elements for stateless.ExtWitness"},
		{"witness of five", encode(t, id, block, []any{witness.Headers, witness.Codes, witness.State, witness.Keys, ""}),
			"witness at payload offset ", "too many elements for stateless.ExtWitness"},
	} {
		t.Run(test.name, func(t *testing.T) { refused(t, test.payload, test.start, test.end) })
	}
}

func TestInvalidBlocks(t *testing.T) {
	for _, test := range []struct {
		name       string
		change     func(*sample)
		start, end string
	}{
		{"another chain", func(s *sample) { s.chainID = sepoliaID }, "block 5 is invalid: could not apply tx 0", "invalid chain id for signer: have 560048 want 11155111"},
		{"a chain of other forks", func(s *sample) { s.chainID = mainnetID }, "block header: invalid gas limit: have 60000000", ""},
		{"state root", func(s *sample) { s.header.Root[0] ^= 1 }, "block 5 is invalid: state root 0x768b", " by the header"},
		{"receipts root", func(s *sample) { s.header.ReceiptHash[0] ^= 1 }, "block 5 is invalid: receipts root 0x600a", " by the header"},
		{"bloom", func(s *sample) { s.header.Bloom[0] ^= 1 }, "block 5 is invalid: invalid bloom", ""},
		{"gas used", func(s *sample) { s.header.GasUsed++ }, "block 5 is invalid: invalid gas used (remote: 1284807 local: 1284806)", ""},
		{"gas limit", func(s *sample) { s.header.GasLimit *= 2 }, "block header: invalid gas limit", ""},
		{"base fee", func(s *sample) { s.header.BaseFee.SetInt64(1) }, "block header: invalid baseFee: have 1, want", ""},
		{"blob gas", func(s *sample) { *s.header.ExcessBlobGas++ }, "block header: invalid excessBlobGas: have 1, want 0", ""},
		{"time", func(s *sample) { s.header.Time = 0 }, "block header: invalid timestamp", ""},
		{"number", func(s *sample) { s.header.Number.SetInt64(0) }, "block header: unknown ancestor", ""},
		{"huge number", func(s *sample) { s.header.Number.Lsh(big.NewInt(1), 64) }, "block header: too large block number", ""},
		{"before the merge", func(s *sample) { s.header.Difficulty = big.NewInt(17) }, "block header: difficulty 17, but only blocks after the merge are supported", ""},
		{"parent hash", func(s *sample) { s.header.ParentHash[0] ^= 1 }, "witness: its newest header is block 4 with hash", ""},
		{"a transaction less", func(s *sample) { s.body.Transactions = s.body.Transactions[1:] }, "block body: transactions root", " by the header"},
		{"a withdrawal less", func(s *sample) { s.body.Withdrawals = s.body.Withdrawals[1:] }, "block body: withdrawals root", " by the header"},
		{"no withdrawals", func(s *sample) { s.withdrawals = false }, "block body: no withdrawals, but the header has a root of them", ""},
		{"an uncle", func(s *sample) { s.body.Uncles = []*types.Header{s.header} }, "block body: 1 uncles, expected none", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := readGenerated(t)
			test.change(s)
			refused(t, s.payload(t), test.start, test.end)
		})
	}
}

func TestIncompleteWitnesses(t *testing.T) {
	without := func(list []hexutil.Bytes, hash common.Hash) []hexutil.Bytes {
		return slices.DeleteFunc(list, func(item hexutil.Bytes) bool { return crypto.Keccak256Hash(item) == hash })
	}
	largest := func(list []hexutil.Bytes) hexutil.Bytes {
		return slices.MaxFunc(list, func(a, b hexutil.Bytes) int { return len(a) - len(b) })
	}
	for _, test := range []struct {
		name       string
		change     func(*sample)
		start, end string
	}{
		{"no headers", func(s *sample) { s.witness.Headers = nil }, "witness at payload offset ", "witness must contain at least one header"},
		{"no parent", func(s *sample) { s.witness.Headers = s.witness.Headers[:3] }, "witness: its newest header is block 3 with hash ", ""},
		{"another parent", func(s *sample) { s.witness.Headers[3].Extra = []byte("x") }, "witness: its newest header is block 4 with hash ", ""},
		// The oldest header but one names the oldest hash that the block asks for.
		{"no oldest ancestors", func(s *sample) { s.witness.Headers = s.witness.Headers[2:] }, "block 5 is invalid: ", ")"},
		{"no root node", func(s *sample) {
			s.witness.State = without(s.witness.State, s.witness.Headers[3].Root)
		}, "block 5 is invalid: missing trie node", "not found"},
		{"no large node", func(s *sample) {
			s.witness.State = without(s.witness.State, crypto.Keccak256Hash(largest(s.witness.State)))
		}, "block 5 is invalid: ", ")"},
		{"a changed node", func(s *sample) { largest(s.witness.State)[100] ^= 1 }, "block 5 is invalid: ", ")"},
		{"no code", func(s *sample) {
			s.witness.Codes = without(s.witness.Codes, crypto.Keccak256Hash(largest(s.witness.Codes)))
		}, "block 5 is invalid: ", ")"},
		{"nothing but headers", func(s *sample) { s.witness.Codes, s.witness.State = nil, nil }, "block 5 is invalid: missing trie node", "not found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := readGenerated(t)
			test.change(s)
			refused(t, s.payload(t), test.start, test.end)
			if test.end == ")" {
				if _, err := Payload(s.payload(t)); !strings.Contains(err.Error(), "(the witness is incomplete: ") {
					t.Fatalf("reason %q does not say what is missing", err)
				}
			}
		})
	}
}
