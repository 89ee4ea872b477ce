// SPDX-License-Identifier: MIT
package main

import "fmt"

type tree struct {
	left, right *tree
}

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func count(t *tree) int {
	if t == nil {
		return 0
	}
	return 1 + count(t.left) + count(t.right)
}

func main() {
	long := grow(16)
	sum := 0
	for depth := 4; depth <= 16; depth += 4 {
		for i := 0; i < 1<<(16-depth+4); i++ {
			sum += count(grow(depth))
		}
	}
	fmt.Println(sum, count(long))
}
