// Uses the file system, clocks and random bytes as Go programs and Go's own tests
// do, and prints what it found.
package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func contents(path string) string {
	return string(must(os.ReadFile(path)))
}

func files(directory string) {
	path := filepath.Join(directory, "file")
	file := must(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600))
	must(io.WriteString(file, "Hello, world!"))
	must(file.WriteAt([]byte("W"), 7))
	must(file.Seek(-6, io.SeekEnd))
	fmt.Printf("from the end: %s\n", must(io.ReadAll(file)))
	check(file.Truncate(5))
	check(file.Close())
	file = must(os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0))
	must(io.WriteString(file, "."))
	check(file.Close())
	fmt.Printf("appended: %s\n", contents(path))
	_, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	fmt.Println("again:", errors.Is(err, fs.ErrExist))
	_, err = os.ReadFile(filepath.Join(directory, "none"))
	fmt.Println("none:", errors.Is(err, fs.ErrNotExist))
	when := time.Unix(1234567890, 123456789)
	check(os.Chtimes(path, when, when))
	info := must(os.Stat(path))
	fmt.Println("stat:", info.Name(), info.Size(), info.Mode().IsRegular(), info.ModTime().Equal(when))
}

func directories(directory string) {
	for i := range 120 {
		check(os.WriteFile(filepath.Join(directory, fmt.Sprintf("%03d", i)), nil, 0o600))
	}
	entries := must(os.ReadDir(directory))
	fmt.Println("entries:", len(entries), entries[0].Name(), entries[len(entries)-1].Name())
	check(os.MkdirAll(filepath.Join(directory, "a/b/c"), 0o700))
	check(os.Rename(filepath.Join(directory, "file"), filepath.Join(directory, "a/b/moved")))
	check(os.Link(filepath.Join(directory, "a/b/moved"), filepath.Join(directory, "a/hard")))
	check(os.Symlink("b/moved", filepath.Join(directory, "a/soft")))
	fmt.Println("link:", must(os.Readlink(filepath.Join(directory, "a/soft"))),
		contents(filepath.Join(directory, "a/soft")),
		os.SameFile(must(os.Stat(filepath.Join(directory, "a/hard"))), must(os.Stat(filepath.Join(directory, "a/b/moved")))))
	var walked []string
	check(fs.WalkDir(os.DirFS(filepath.Join(directory, "a")), ".", func(path string, entry fs.DirEntry, err error) error {
		walked = append(walked, path+entry.Type().String()[:1])
		return err
	}))
	fmt.Println("walk:", strings.Join(walked, " "))
	err := os.Remove(filepath.Join(directory, "a"))
	fmt.Println("not empty:", err != nil)
	check(os.RemoveAll(directory))
	_, err = os.Stat(directory)
	fmt.Println("removed:", errors.Is(err, fs.ErrNotExist))
}

func main() {
	fmt.Println("given:", contents("/given/file.txt"))
	directory := must(os.MkdirTemp("", "files"))
	fmt.Println("temporary:", filepath.Dir(directory))
	files(directory)
	directories(directory)
	start := time.Now()
	time.Sleep(3 * time.Second)
	slept := time.Since(start)
	fmt.Println("slept:", slept >= 3*time.Second && slept < 3100*time.Millisecond, start.Year())
	var bytes [32]byte
	must(rand.Read(bytes[:]))
	fmt.Println("random:", bytes != [32]byte{})
	fmt.Println("input:", string(must(io.ReadAll(os.Stdin))))
	fmt.Println("arguments:", os.Args[1:], os.Getenv("GREETING"))
	os.Exit(7)
}
