"""Prints the polynomials of the *-inl.h files: interpolation in Chebyshev's nodes, which is within a
factor of two of the best polynomial of the degree. Needs mpmath; run by hand when a degree changes."""

from mpmath import mp, mpf, mpmathify, asin, atan, cos, erf, erfc, exp, expm1, log, pi, sin, sqrt, tan

mp.dps = 60


def interpolate(f, low, high, degree):
    """Coefficients, lowest first, of the polynomial through f at Chebyshev's nodes."""
    low, high = mpmathify(low), mpmathify(high)
    nodes = [
        (low + high) / 2 + (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * degree + 2))
        for i in range(degree + 1)
    ]
    matrix = mp.matrix([[x**k for k in range(degree + 1)] for x in nodes])
    return mp.lu_solve(matrix, mp.matrix([f(x) for x in nodes]))


def worst(f, coefficients, low, high):
    points = [mpf(low) + (mpf(high) - mpf(low)) * i / 997 for i in range(1, 998)]
    value = lambda x: sum(c * x**k for k, c in enumerate(coefficients))
    return max(abs(value(x) - f(x)) for x in points)


def odd(f):
    """P with f(x) = x + x^3 P(x^2)."""
    return lambda t: (f(sqrt(t)) - sqrt(t)) / (t * sqrt(t))


half_ln2 = log(2) / 2
f_low, f_high = sqrt(mpf(2)) / 2 - 1, sqrt(mpf(2)) - 1
s_high = ((f_high) / (2 + f_high)) ** 2
tiny = mpf(10) ** -12
reduced = pi / 4 + mpf("0.1")

FITS = {
    "exp: e^r": (exp, -half_ln2, half_ln2, 6),
    "expm1: (e^r - 1 - r) / r^2": (lambda r: (expm1(r) - r) / r**2, -half_ln2, half_ln2, 5),
    "log: (log(1 + f) - f + f^2 / 2) / f^3": (
        lambda f: (log(1 + f) - f + f**2 / 2) / f**3, f_low, f_high, 8),
    "sin": (odd(sin), tiny, reduced**2, 3),
    "cos: (cos x - 1 + x^2 / 2) / x^4": (
        lambda t: (cos(sqrt(t)) - 1 + t / 2) / t**2, tiny, reduced**2, 3),
    "tan": (odd(tan), tiny, reduced**2, 7),
    "asin, up to 1/2": (odd(asin), tiny, mpf("0.25"), 5),
    "atan, up to 1": (odd(atan), tiny, 1, 8),
    "erf, up to 0.9: erf(x) / x - 1": (lambda t: erf(sqrt(t)) / sqrt(t) - 1, tiny, mpf("0.81"), 6),
    "erf, 0.9 to 4: log(erfc(x))": (lambda x: log(erfc(x)), mpf("0.9"), 4, 8),
    "log2(m) / s, m = (1 + s) / (1 - s), in s^2": (
        lambda t: log((1 + sqrt(t)) / (1 - sqrt(t)), 2) / sqrt(t), tiny, s_high, 5),
    "2^f": (lambda f: mpf(2) ** f, -mpf("0.5"), mpf("0.5"), 7),
}

for name, (f, low, high, degree) in FITS.items():
    coefficients = interpolate(f, low, high, degree)
    error = worst(f, coefficients, low, high)
    print(f"{name} (error {mp.nstr(error, 2)})")
    print("  " + ", ".join(mp.nstr(c, 17) for c in coefficients))
