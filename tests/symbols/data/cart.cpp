// Templates, methods, lambdas and libc++, inlined into each other.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace shop {
struct item {
    int price, count;
};

template <typename T> struct box {
    T value;
    __attribute__((always_inline)) void set(T v) { value = v; }
    T get() const { return value; }
};

class cart {
  public:
    void add(item i) { items.push_back(i); }
    int total() const
    {
        int sum = 0;
        for (const auto &i : items)
            sum += i.price * i.count;
        return sum;
    }
    std::vector<item> items;
};
} // namespace shop

int main()
{
    shop::cart cart;
    shop::box<int> box;
    for (int i = 0; i < 50; i++) {
        cart.add({i, 2});
        box.set(i);
    }
    std::sort(cart.items.begin(), cart.items.end(),
              [](const shop::item &a, const shop::item &b) { return a.price > b.price; });
    std::string line(100, 'x');
    line += std::to_string(box.get());
    std::printf("%d %s\n", cart.total(), line.c_str());
}
