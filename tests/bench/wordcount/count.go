// SPDX-License-Identifier: MIT
// The peer in Go, one goroutine a core: chunks are counted side by side in maps, which are then put together.
//
//	count-go N FILE
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
)

func isLetter(b byte) bool { return b|32 >= 'a' && b|32 <= 'z' }

func countWords(chunk []byte) map[string]*uint64 {
	counts := map[string]*uint64{}
	chunk = bytes.ToLower(chunk)
	for at := 0; at < len(chunk); {
		if !isLetter(chunk[at]) {
			at++
			continue
		}
		from := at
		for at < len(chunk) && isLetter(chunk[at]) {
			at++
		}
		if n, ok := counts[string(chunk[from:at])]; ok {
			*n++
		} else {
			one := uint64(1)
			counts[string(chunk[from:at])] = &one
		}
	}
	return counts
}

func main() {
	top, _ := strconv.Atoi(os.Args[1])
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	workers := runtime.NumCPU()
	parts := make([]map[string]*uint64, workers)
	var wait sync.WaitGroup
	for i, from := 0, 0; i < workers; i++ {
		to := len(text) * (i + 1) / workers
		for to < len(text) && isLetter(text[to]) {
			to++
		}
		wait.Add(1)
		go func(i, from, to int) {
			parts[i] = countWords(text[from:to])
			wait.Done()
		}(i, from, to)
		from = to
	}
	wait.Wait()
	total := map[string]uint64{}
	for _, part := range parts {
		for word, n := range part {
			total[word] += *n
		}
	}
	words := make([]string, 0, len(total))
	for word := range total {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		if total[words[i]] != total[words[j]] {
			return total[words[i]] > total[words[j]]
		}
		return words[i] < words[j]
	})
	for i := 0; i < top && i < len(words); i++ {
		fmt.Println(total[words[i]], words[i])
	}
}
