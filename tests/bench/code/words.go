// SPDX-License-Identifier: MIT
package main

import "fmt"

func main() {
	counts := map[string]int{}
	seed := uint64(42)
	for i := 0; i < 2000000; i++ {
		seed = (seed*1103515245 + 12345) % 2147483648
		n := seed / 65536 % 20000
		word := []byte{'w'}
		for ; n > 0; n /= 26 {
			word = append(word, byte(97+n%26))
		}
		counts[string(word)]++
	}
	most := 0
	for _, count := range counts {
		if count > most {
			most = count
		}
	}
	fmt.Println(len(counts), most)
}
