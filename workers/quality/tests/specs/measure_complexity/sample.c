#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* text */
static const char *
find(const char *names[], int (*same)(int, int), void *unused)
{
#if defined(A) && defined(B)
    int n = 1;
#elif defined(C)
    int n = 2;
#else
    int n = 3;
#endif
    for (int i = 0; i < n; i++) {
        switch (names[i][0]) {
        case 'a':
        case 'b':
            if (same(i, n) && n > 2 && i) goto out;
            else if (n) continue;
            else break;
        default:
            do { n--; } while (n > 0 || i);
        }
    }
out:
    return n ? names[0] : NULL;
}

int main(void) { return 0; }

BZ_API(open)(const char *path, int mode) { return path && mode; }
