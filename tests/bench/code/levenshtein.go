// SPDX-License-Identifier: MIT
package main

import "fmt"

func text(len int, seed uint64) []byte {
	bytes := make([]byte, len)
	for i := range bytes {
		seed = (seed*1103515245 + 12345) % 2147483648
		bytes[i] = byte(97 + seed/65536%26)
	}
	return bytes
}

func distance(a, b []byte) uint64 {
	row := make([]uint64, len(b)+1)
	for j := range row {
		row[j] = uint64(j)
	}
	for i := range a {
		diagonal := row[0]
		row[0] = uint64(i) + 1
		for j := range b {
			up := row[j+1]
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			gap := row[j] + 1
			if up < row[j] {
				gap = up + 1
			}
			if change < gap {
				gap = change
			}
			row[j+1] = gap
			diagonal = up
		}
	}
	return row[len(b)]
}

func main() {
	fmt.Println(distance(text(5000, 1), text(5000, 2)))
}
