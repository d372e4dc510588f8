package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/stateless"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/rlp"
)

// The committed files are what this program makes, today and every time, on
// one processor and on several. Making them is also verifying them.
func TestCommittedFilesAreGenerated(t *testing.T) {
	for _, processors := range []int{1, 4} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		dir := t.TempDir()
		if err := generate(dir, nil, false); err != nil {
			t.Fatal(err)
		}
		made, err := os.ReadDir(dir)
		if err != nil || len(made) != 2*len(allForks()) {
			t.Fatalf("%d files made, error %v", len(made), err)
		}
		for _, entry := range made {
			want, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join("..", "inputs", entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("inputs/%s has %d bytes that are not the %d generated ones: run `cargo xtask input generate`",
					entry.Name(), len(got), len(want))
			}
		}
	}
}

var blocks = sync.OnceValues(func() ([]*made, error) {
	var blocks []*made
	for _, fork := range allForks() {
		block, err := makeBlock(&fork)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
})

// forEachFork runs a test on the block of each fork.
func forEachFork(t *testing.T, test func(t *testing.T, f *fork, m *made)) {
	blocks, err := blocks()
	if err != nil {
		t.Fatal(err)
	}
	for i, fork := range allForks() {
		t.Run(fork.name, func(t *testing.T) { test(t, &fork, blocks[i]) })
	}
}

func TestBlocksAreUnderTheirFork(t *testing.T) {
	forEachFork(t, func(t *testing.T, f *fork, m *made) {
		header := m.block.Header()
		for _, time := range []uint64{f.time, header.Time} {
			if name := f.config.LatestFork(time).String(); strings.ToLower(name) != f.name {
				t.Errorf("at time %d the fork is %s", time, name)
			}
		}
		has := map[string]bool{
			"shanghai": header.WithdrawalsHash != nil, "cancun": header.BlobGasUsed != nil,
			"prague": header.RequestsHash != nil, "amsterdam": header.SlotNumber != nil}
		rules := f.rules()
		want := map[string]bool{"shanghai": rules.IsShanghai, "cancun": rules.IsCancun,
			"prague": rules.IsPrague, "amsterdam": rules.IsAmsterdam}
		for fork := range want {
			if has[fork] != want[fork] {
				t.Errorf("fields of %s in the header: %t, want %t", fork, has[fork], want[fork])
			}
		}
		if f.rich && rules.IsPrague && *header.RequestsHash == types.EmptyRequestsHash {
			t.Error("no request to the consensus layer")
		}
	})
}

func TestBlocksHoldEveryTypeOfTransactionOfTheirFork(t *testing.T) {
	forEachFork(t, func(t *testing.T, f *fork, m *made) {
		count := make(map[uint8]int)
		for _, tx := range m.block.Transactions() {
			count[tx.Type()]++
		}
		rules := f.rules()
		for kind, exists := range []bool{true, true, true, rules.IsCancun, rules.IsPrague} {
			if (count[uint8(kind)] > 0) != exists {
				t.Errorf("%d transactions of type %d", count[uint8(kind)], kind)
			}
		}
		if exists := len(m.block.Withdrawals()) > 0; exists != rules.IsShanghai {
			t.Errorf("withdrawals: %t", exists)
		}
	})
}

// What fails is what is meant to, and no call to a precompiled contract or a
// contract of the system.
func TestOnlyWhatIsMeantToFailFails(t *testing.T) {
	forEachFork(t, func(t *testing.T, f *fork, m *made) {
		want, failed := 1, 0
		if f.rich {
			want = failing
		}
		calls, refused := 0, 0
		for _, receipt := range m.receipts {
			if receipt.Status == types.ReceiptStatusFailed {
				failed++
			}
			for _, log := range receipt.Logs {
				if log.Address != relayAddress {
					continue
				}
				calls++
				if log.Topics[0] != common.BigToHash(common.Big1) {
					refused++
				}
			}
		}
		if failed != want {
			t.Errorf("%d transactions failed, want %d", failed, want)
		}
		if !f.rich {
			return
		}
		// One of the calls is of the token, and is meant to be refused.
		precompiles := len(vm.ActivePrecompiles(f.rules()))
		if calls < precompiles || refused != 1 {
			t.Errorf("%d calls of which %d were refused, for %d precompiled contracts", calls, refused, precompiles)
		}
	})
}

// A block's JSON is what go-ethereum reads a block from, and its witness's too.
func TestJSONHoldsTheWholeBlock(t *testing.T) {
	forEachFork(t, func(t *testing.T, f *fork, m *made) {
		var reply struct{ Result json.RawMessage }
		var header types.Header
		var body struct {
			Transactions []*types.Transaction
			Withdrawals  []*types.Withdrawal
			Hash         common.Hash
		}
		content, err := m.blockJSON(f.config)
		for _, value := range []any{&reply, &header, &body} {
			if err == nil {
				err = json.Unmarshal(content, value)
			}
			if value == &reply {
				content = reply.Result
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		read := types.NewBlockWithHeader(&header).WithBody(types.Body{Transactions: body.Transactions, Withdrawals: body.Withdrawals})
		same(t, read, m.block)
		if body.Hash != m.block.Hash() {
			t.Errorf("hash %s, want %s", body.Hash, m.block.Hash())
		}
		var witness struct{ Result stateless.ExtWitness }
		if content, err = m.witnessJSON(); err == nil {
			err = json.Unmarshal(content, &witness)
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, &witness.Result, m.witness)
	})
}

func same(t *testing.T, got, want any) {
	t.Helper()
	encodedGot, err := rlp.EncodeToBytes(got)
	if err != nil {
		t.Fatal(err)
	}
	encodedWant, err := rlp.EncodeToBytes(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encodedGot, encodedWant) {
		t.Errorf("%T is not the same after JSON", want)
	}
}

func TestUnknownForksAreRefused(t *testing.T) {
	_, err := chooseForks([]string{"osaka", "london"})
	if err == nil || !strings.Contains(err.Error(), `"london"; there are paris, shanghai,`) {
		t.Errorf("error %v", err)
	}
}

// The event of a deposit is as go-ethereum reads it.
func TestDepositsAreRead(t *testing.T) {
	request, err := types.DepositLogToRequest(depositInput())
	if err != nil || !strings.HasPrefix(string(request), "public key") {
		t.Fatalf("request %x, error %v", request, err)
	}
}
