// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"math"
)

func fill(n int, seed float64) [][]float64 {
	rows := make([][]float64, n)
	tmp := seed / float64(n) / float64(n)
	for i := range rows {
		rows[i] = make([]float64, n)
		for j := range rows[i] {
			rows[i][j] = tmp * (float64(i) - float64(j)) * (float64(i) + float64(j))
		}
	}
	return rows
}

func multiply(a, b [][]float64, n int) [][]float64 {
	c := make([][]float64, n)
	for i := range c {
		row := make([]float64, n)
		for k := 0; k < n; k++ {
			x := a[i][k]
			for j, y := range b[k] {
				row[j] += x * y
			}
		}
		c[i] = row
	}
	return c
}

func main() {
	n := 500
	c := multiply(fill(n, 1), fill(n, 2), n)
	fmt.Println(int64(math.Floor(c[n/2][n/2] * 1000000)))
}
