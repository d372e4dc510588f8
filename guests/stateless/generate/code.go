package main

import (
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/core/vm/program"
	"github.com/ethereum/go-ethereum/params"
)

// code is a contract's code while it is written, instruction by instruction: a
// Solidity compiler would be one more tool to pin.
type code struct {
	*program.Program
	rules params.Rules
}

func newCode(rules params.Rules) *code { return &code{program.New(), rules} }

func (c *code) Op(ops ...vm.OpCode) *code {
	c.Program.Op(ops...)
	return c
}

func (c *code) Push(value any) *code {
	c.Program.Push(value)
	return c
}

// zero pushes zero, by the instruction for it where the fork has one.
func (c *code) zero() *code {
	if c.rules.IsShanghai {
		c.Push0()
		return c
	}
	return c.Push(0)
}

// skip jumps over the n bytes that follow. A JUMPDEST must come after them.
func (c *code) skip(n int) {
	const jump = 3 // bytes of PUSH1 and JUMP
	c.Push(c.Size() + jump + n).Op(vm.JUMP)
}

// here marks a place to jump to.
func (c *code) here() uint64 {
	_, label := c.Jumpdest()
	return label
}

// copyInput copies the input from this offset on to the start of memory and
// leaves its size on the stack.
func (c *code) copyInput(from int) *code {
	return c.Push(from).Op(vm.CALLDATASIZE, vm.SUB, vm.DUP1).
		Push(from).zero().Op(vm.CALLDATACOPY)
}

// forEachWord runs the body once for every so many words of the input, with
// the offset of the first of them on the stack, which it must leave there.
func (c *code) forEachWord(words int, body func()) *code {
	c.zero()
	loop := c.here()
	body()
	c.Push(32*words).Op(vm.ADD, vm.CALLDATASIZE, vm.DUP2, vm.LT)
	return c.Push(loop).Op(vm.JUMPI, vm.POP)
}
