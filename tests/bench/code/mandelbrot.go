// SPDX-License-Identifier: MIT
package main

import "fmt"

func inside(cx, cy float64) bool {
	x, y := 0.0, 0.0
	for i := 0; i < 50; i++ {
		xx, yy := x*x, y*y
		if xx+yy > 4 {
			return false
		}
		y = 2*x*y + cy
		x = xx - yy + cx
	}
	return true
}

func main() {
	const size = 1000
	count := 0
	for row := 0; row < size; row++ {
		for column := 0; column < size; column++ {
			if inside(2*float64(column)/size-1.5, 2*float64(row)/size-1) {
				count++
			}
		}
	}
	fmt.Println(count)
}
