// SPDX-License-Identifier: MIT
package main

import (
	"encoding/json"
	"fmt"
)

type Item struct {
	Name     string   `json:"name"`
	Price    float64  `json:"price"`
	Count    uint32   `json:"count"`
	Tags     []string `json:"tags"`
	Discount *int64   `json:"discount"`
}

type Order struct {
	Id       uint64 `json:"id"`
	Customer string `json:"customer"`
	IsOpen   bool   `json:"is_open"`
	Items    []Item `json:"items"`
}

func makeItem(order, at uint64) Item {
	n := order*7 + at*13
	item := Item{
		Name:  fmt.Sprintf("item \"%d\"", n),
		Price: float64(n*2+1) / 8,
		Count: uint32(n % 100),
		Tags:  []string{"blue", "größe", fmt.Sprintf("t%d", at)},
	}
	if n%3 != 0 {
		discount := int64(n) - 500
		item.Discount = &discount
	}
	return item
}

func makeOrder(id uint64) Order {
	order := Order{Id: id * 1000003, Customer: fmt.Sprintf("customer %d of many", id), IsOpen: id%2 == 0}
	for at := uint64(0); at < 1+id%9; at++ {
		order.Items = append(order.Items, makeItem(id, at))
	}
	return order
}

func total(orders []Order) float64 {
	sum := 0.0
	for _, order := range orders {
		for _, item := range order.Items {
			var discount int64
			if item.Discount != nil {
				discount = *item.Discount
			}
			sum += item.Price*float64(item.Count) + float64(discount) + float64(len(item.Tags))
		}
	}
	return sum
}

func main() {
	var orders []Order
	for id := uint64(0); id < 500; id++ {
		orders = append(orders, makeOrder(id))
	}
	bytes, sum := 0, 0.0
	for i := 0; i < 60; i++ {
		text, err := json.Marshal(orders)
		if err != nil {
			panic(err)
		}
		bytes += len(text)
		orders = nil
		if err := json.Unmarshal(text, &orders); err != nil {
			panic(err)
		}
		sum += total(orders)
	}
	fmt.Println(bytes, int64(sum))
}
