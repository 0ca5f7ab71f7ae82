using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Dictionaries.Kernels;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>Kernels against slow obvious loops, on random shapes and on the values that break shortcuts.</summary>
public sealed unsafe class KernelTests
{
    /// <summary>Sizes that fill tiles and panels, and that fill none: rows 8, latents 48 in three panels, 16 in one.</summary>
    public static TheoryData<int, int, int, bool> Products()
    {
        var products = new TheoryData<int, int, int, bool>();
        foreach (var (rows, d, n) in ((int, int, int)[])[(1, 1, 1), (6, 7, 33), (8, 16, 48), (11, 64, 100), (24, 9, 96), (17, 40, 161)])
        {
            products.Add(rows, d, n, true);
            products.Add(rows, d, n, false);
        }
        return products;
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void The_encoder_product_and_its_maxima(int rows, int d, int n, bool wide)
    {
        using var product = new Product(rows, d, n);
        foreach (int stripePanels in (int[])[1, 2, 4])
        {
            int stripes = EncoderProduct.StripeCount(product.Panels, stripePanels);
            using var maxima = new NativeBuffer<float>((long)product.Padded * stripes);
            using var z = product.Compute(wide, maxima.Pointer, stripePanels);
            for (int row = 0; row < rows; row++)
            {
                var expectedMaxima = Enumerable.Repeat(float.NegativeInfinity, stripes).ToArray();
                for (int i = 0; i < n; i++)
                {
                    double sum = product.Sum(row, i);
                    float found = z.Pointer[(long)row * product.Columns + i];
                    Assert.Equal(sum, found, 1e-5 * Math.Sqrt(d) + 1e-5 * Math.Abs(sum));
                    int stripe = i / (16 * stripePanels) * 16 + i % 16;
                    expectedMaxima[stripe] = Math.Max(expectedMaxima[stripe], found);
                }
                for (int i = n; i < product.Columns; i++)
                    Assert.Equal(float.NegativeInfinity, z.Pointer[(long)row * product.Columns + i]);
                Assert.Equal(expectedMaxima, new ReadOnlySpan<float>(maxima.Pointer + (long)row * stripes, stripes).ToArray());
            }
        }
    }

    [Fact]
    public void Wide_and_narrow_tiles_give_the_same_bits_where_both_add_products_unrounded()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated && Fma.IsSupported, "No AVX-512 here, or it is switched off.");
        using var product = new Product(19, 130, 177);
        using NativeBuffer<float> wide = product.Compute(true), narrow = product.Compute(false);
        Assert.Equal(wide.Span.ToArray(), narrow.Span.ToArray());
    }

    [Theory]
    [InlineData(float.NaN, true)]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, false)]
    public void A_number_that_is_none_stays_in_its_row_and_is_seen_there(float value, bool wide)
    {
        using var product = new Product(11, 24, 70);
        product.X.Pointer[3 * 24 + 5] = value;
        using var z = product.Compute(wide);
        for (int row = 0; row < 11; row++)
        {
            for (int i = 0; i < 70; i++)
            {
                double expected = product.Sum(row, i);
                float found = z.Pointer[(long)row * product.Columns + i];
                Assert.Equal(row == 3, !float.IsFinite(found));
                if (row == 3) Assert.Equal((float)expected, found);
            }
        }
    }

    /// <summary>A block of vectors, an encoder and the plain sum.</summary>
    private sealed class Product : IDisposable
    {
        private readonly int _rows, _d, _n;
        private readonly NativeBuffer<float> _weights, _bias;

        public Product(int rows, int d, int n)
        {
            (_rows, _d, _n) = (rows, d, n);
            var random = new CounterRandom(1, "test/product", rows * 1000 + n);
            (X, _weights) = (new NativeBuffer<float>(rows * d), new NativeBuffer<float>(d * n));
            foreach (ref float value in X.Span) value = (float)random.NextGaussian();
            foreach (ref float value in _weights.Span) value = (float)random.NextGaussian();
            Panels = new PanelMatrix(d, n);
            Panels.Pack(_weights.Pointer);
            _bias = new NativeBuffer<float>(Panels.PaddedColumns);
            _bias.Span.Fill(float.NegativeInfinity);
            foreach (ref float value in _bias.Span[..n]) value = (float)random.NextGaussian();
        }

        public NativeBuffer<float> X { get; }

        public PanelMatrix Panels { get; }

        public int Columns => Panels.PaddedColumns;

        public int Padded => RowTiles.Padded(_rows);

        public NativeBuffer<float> Compute(bool wide, float* maxima = null, int stripePanels = 1)
        {
            using var tiles = new NativeBuffer<float>((long)Padded * _d);
            tiles.Span.Fill(float.NaN);
            RowTiles.Pack(X.Pointer, _rows, _d, tiles.Pointer);
            var z = new NativeBuffer<float>((long)Padded * Columns);
            EncoderProduct.Compute(tiles.Pointer, Padded, Panels, _bias.Pointer, z.Pointer, maxima, stripePanels, wide);
            return z;
        }

        public double Sum(int row, int latent)
        {
            double sum = _bias.Pointer[latent];
            for (int k = 0; k < _d; k++) sum += (double)X.Pointer[row * _d + k] * _weights.Pointer[k * _n + latent];
            return sum;
        }

        public void Dispose()
        {
            X.Dispose();
            _weights.Dispose();
            _bias.Dispose();
            Panels.Dispose();
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(128, 2)]
    [InlineData(1000, 2)]
    [InlineData(1024, 2)]
    [InlineData(1025, 3)]
    [InlineData(4096, 16)]
    public void Blocks_cover_all_rows_and_are_as_many_for_each_worker(int rows, int workers)
    {
        var (size, count) = RowBlocks.Of(rows, workers);
        Assert.Equal(0, size % EncoderProduct.TileRows);
        Assert.InRange(size, EncoderProduct.TileRows, 64);
        Assert.InRange(rows, (count - 1) * size + 1, count * size);
        // The busiest worker has at most a tile a round more than its share.
        int rounds = (count + workers - 1) / workers;
        Assert.InRange(rounds * size, 0, (rows + workers - 1) / workers + rounds * EncoderProduct.TileRows);
    }

    public static TheoryData<string, int, int> Rows()
    {
        var rows = new TheoryData<string, int, int>();
        foreach (string kind in (string[])["normal", "ties", "few positive", "all negative", "all zero", "denormal", "negative zero",
            "equal", "descending", "infinite"])
        {
            foreach (var (n, k) in ((int, int)[])[(1, 1), (37, 1), (37, 37), (100, 32), (512, 7), (1000, 500), (2600, 3), (4096, 32), (4144, 32)])
                rows.Add(kind, n, k);
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_k_largest_positive_values(string kind, int n, int k)
    {
        var random = new CounterRandom(2, "test/top", n + k);
        float Draw(int i) => kind switch
        {
            "normal" => (float)random.NextGaussian(),
            "ties" => random.NextInt(4) - 1,
            "few positive" => i % 29 == 3 ? (float)random.NextDouble() : -1,
            "all negative" => -1 - (float)random.NextDouble(),
            "all zero" => 0,
            "denormal" => float.Epsilon * (random.NextInt(9) - 2),
            "negative zero" => i % 2 == 0 ? -0f : float.Epsilon,
            "equal" => 2.5f,
            "descending" => n - i,
            "infinite" => random.NextInt(10) == 0 ? float.PositiveInfinity : (float)random.NextGaussian(),
            _ => throw new ArgumentException(kind),
        };

        int columns = PanelMatrix.Padded(n);
        using var panels = new PanelMatrix(1, n);
        int stripePanels = EncoderProduct.StripePanels(panels, k), stripes = EncoderProduct.StripeCount(panels, stripePanels);
        using var z = new NativeBuffer<float>(columns);
        using var maxima = new NativeBuffer<float>(stripes);
        z.Span.Fill(float.NegativeInfinity);
        maxima.Span.Fill(float.NegativeInfinity);
        for (int i = 0; i < n; i++)
        {
            float value = z.Pointer[i] = Draw(i);
            int stripe = i / (16 * stripePanels) * 16 + i % 16;
            maxima.Pointer[stripe] = Math.Max(maxima.Pointer[stripe], value);
        }
        using var indices = new NativeBuffer<int>(columns);
        using var values = new NativeBuffer<float>(columns);
        var scored = new ScoredRow(z.Pointer, columns, maxima.Pointer, stripes, stripePanels);
        int count = TopSelection.Select(scored, k, indices.Pointer, values.Pointer);

        float[] row = z.Span.ToArray();
        int[] expected = [.. Enumerable.Range(0, n).Where(i => row[i] > 0).OrderByDescending(i => row[i]).ThenBy(i => i).Take(k).Order()];
        Assert.Equal(expected, indices.Span[..count].ToArray());
        Assert.Equal(expected.Select(i => row[i]), values.Span[..count].ToArray());
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(7, 1, 3)]
    [InlineData(64, 3, 4)]
    [InlineData(65, 4, 1)]
    [InlineData(130, 11, 0)]
    [InlineData(130, 11, 4)]
    public void Sums_of_rows_and_products_with_them(int d, int count, int ahead)
    {
        var random = new CounterRandom(3, "test/rows", d);
        using var matrix = new NativeBuffer<float>(20 * d);
        for (int i = 0; i < 20 * d; i++) matrix.Pointer[i] = (float)random.NextGaussian();
        int[] rows = [.. Enumerable.Range(0, count + ahead).Select(_ => random.NextInt(20))];
        float[] factors = [.. rows.Take(count).Select(_ => (float)random.NextGaussian())], sum = new float[d], products = new float[count];
        for (int i = 0; i < d; i++) sum[i] = i;
        fixed (int* r = rows)
        fixed (float* f = factors, s = sum, p = products)
        {
            VectorMath.AddRows(s, matrix.Pointer, r, f, count, d, ahead);
            VectorMath.Products(s, matrix.Pointer, r, count, d, p);
        }
        for (int i = 0; i < d; i++)
        {
            double expected = i;
            for (int j = 0; j < count; j++) expected += (double)factors[j] * matrix.Pointer[rows[j] * d + i];
            Assert.Equal(expected, sum[i], 1e-5 * (1 + Math.Abs(expected)));
        }
        for (int j = 0; j < count; j++)
        {
            double expected = 0, size = 0;
            for (int i = 0; i < d; i++)
            {
                double term = (double)sum[i] * matrix.Pointer[rows[j] * d + i];
                expected += term;
                size += Math.Abs(term);
            }
            Assert.Equal(expected, products[j], 1e-5 * (1 + size));
        }
    }
}
