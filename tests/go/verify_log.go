// Verifies a sealed log with Go's own packages for signed notes and transparency logs, and none of our code.
//
//	verify_log FOLDER ENTRY [OLD]
//
// FOLDER is a sealed log, ENTRY the number of an entry from 0, OLD the size of an earlier checkpoint. Each line of
// standard input is a public key in the form NAME+HASH+KEY. The last line of the output is OK, or the program ends with
// exit code 1 and says why.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

// numbered is the path of tile or bundle number n in a folder: groups of three digits.
func numbered(n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// folder reads tiles from the files of a log.
type folder struct{ path string }

func (f folder) Height() int { return tileHeight }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		name := filepath.Join(f.path, "tile", strconv.Itoa(tile.L), numbered(tile.N, tile.W))
		data, err := os.ReadFile(name)
		if err != nil {
			// A partial tile is removed once the full one is there.
			full := filepath.Join(f.path, "tile", strconv.Itoa(tile.L), numbered(tile.N, tileWidth))
			if data, err = os.ReadFile(full); err != nil {
				return nil, err
			}
			data = data[:tile.W*tlog.HashSize]
		}
		found = append(found, data)
	}
	return found, nil
}

// checkpoint is the tree in a signed note, if one of the keys has signed it.
func checkpoint(data []byte, keys []string) (tlog.Tree, error) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, errors.New("the text of the note is no checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is no hash")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// entry is one entry of the log, from its bundle.
func entry(path string, number, size int64) ([]byte, error) {
	bundle := number / tileWidth
	width := size - bundle*tileWidth
	if width > tileWidth {
		width = tileWidth
	}
	data, err := os.ReadFile(filepath.Join(path, "tile/entries", numbered(bundle, int(width))))
	if err != nil {
		return nil, err
	}
	for rest := number % tileWidth; len(data) >= 2; rest-- {
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			break
		}
		if rest == 0 {
			return data[2 : 2+length], nil
		}
		data = data[2+length:]
	}
	return nil, errors.New("the bundle is cut off")
}

// older finds the tree of a size among all checkpoints, which stand one behind another.
func older(path string, size int64, keys []string) (tlog.Tree, error) {
	data, err := os.ReadFile(filepath.Join(path, "checkpoints"))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	for first := 0; first+5 <= len(lines); first += 5 {
		tree, err := checkpoint(bytes.Join(lines[first:first+5], nil), keys)
		if err != nil {
			return tlog.Tree{}, err
		}
		if tree.N == size {
			return tree, nil
		}
	}
	return tlog.Tree{}, errors.New("no checkpoint has that size")
}

func run(arguments []string, keys []string) error {
	path := arguments[0]
	number, err := strconv.ParseInt(arguments[1], 10, 64)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := checkpoint(data, keys)
	if err != nil {
		return err
	}
	fmt.Println("checkpoint", tree.N)
	leaf, err := entry(path, number, tree.N)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, folder{path}) // it compares every tile with the checkpoint
	proof, err := tlog.ProveRecord(tree.N, number, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, number, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	fmt.Println("included", string(leaf))
	if len(arguments) > 2 {
		size, err := strconv.ParseInt(arguments[2], 10, 64)
		if err != nil {
			return err
		}
		old, err := older(path, size, keys)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return err
		}
		fmt.Println("extends", old.N)
	}
	fmt.Println("OK")
	return nil
}

func main() {
	var keys []string
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		keys = append(keys, input.Text())
	}
	if err := run(os.Args[1:], keys); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
