// SPDX-License-Identifier: MIT
package main

import "fmt"

func main() {
	const n = 10
	permutation, flipped, count := make([]int, n), make([]int, n), make([]int, n)
	for i := range permutation {
		permutation[i] = i
	}
	most, checksum, r := 0, 0, n
	for round := 0; ; round++ {
		for ; r != 1; r-- {
			count[r-1] = r
		}
		copy(flipped, permutation)
		flips := 0
		for k := flipped[0]; k != 0; k = flipped[0] {
			for low, high := 0, k; low < high; low, high = low+1, high-1 {
				flipped[low], flipped[high] = flipped[high], flipped[low]
			}
			flips++
		}
		if flips > most {
			most = flips
		}
		if round%2 == 0 {
			checksum += flips
		} else {
			checksum -= flips
		}
		for ; ; r++ {
			if r == n {
				fmt.Println(checksum, most)
				return
			}
			first := permutation[0]
			for i := 0; i < r; i++ {
				permutation[i] = permutation[i+1]
			}
			permutation[r] = first
			count[r]--
			if count[r] > 0 {
				break
			}
		}
	}
}
