// SPDX-License-Identifier: MIT
package main

import "fmt"

func main() {
	const n = 20000000
	composite := make([]bool, n)
	count := 0
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		count++
		for k := i * i; k < n; k += i {
			composite[k] = true
		}
	}
	fmt.Println(count)
}
