/* Multiplies two matrices of N × N doubles, REPEAT times; prints the trace of the last product. */
#include <stdio.h>

#ifndef N
#define N 128
#endif
#ifndef REPEAT
#define REPEAT 10
#endif

static double a[N][N], b[N][N], c[N][N];

__attribute__((noinline)) static void multiply(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            c[i][j] = 0;
            for (int k = 0; k < N; k++)
                c[i][j] += a[i][k] * b[k][j];
        }
}

int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = i + j;
            b[i][j] = i - j;
        }
    for (int r = 0; r < REPEAT; r++)
        multiply();
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += c[i][i];
    printf("%g\n", sum);
    return 0;
}
