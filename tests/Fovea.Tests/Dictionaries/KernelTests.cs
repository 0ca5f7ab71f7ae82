using Fovea.Dictionaries.Kernels;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>Kernels against slow obvious loops, on random shapes and on the values that break shortcuts.</summary>
public sealed unsafe class KernelTests
{
    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(6, 7, 33, false)]
    [InlineData(11, 64, 100, false)]
    [InlineData(1, 1, 1, true)]
    [InlineData(6, 7, 33, true)]
    [InlineData(11, 64, 100, true)]
    public void The_encoder_product_and_its_maxima(int rows, int d, int n, bool wide)
    {
        var random = new CounterRandom(1, "test/product", rows * 1000 + n);
        int padded = (rows + 5) / 6 * 6;
        using var x = new NativeBuffer<float>(padded * d);
        using var weights = new NativeBuffer<float>(d * n);
        for (int i = 0; i < rows * d; i++) x.Pointer[i] = (float)random.NextGaussian();
        for (int i = 0; i < d * n; i++) weights.Pointer[i] = (float)random.NextGaussian();
        using var panels = new PanelMatrix(d, n);
        panels.Pack(weights.Pointer);
        using var bias = new NativeBuffer<float>(panels.PaddedColumns);
        bias.Span.Fill(float.NegativeInfinity);
        for (int i = 0; i < n; i++) bias.Pointer[i] = (float)random.NextGaussian();
        foreach (int stripePanels in (int[])[1, 2, 4])
        {
            int stripes = EncoderProduct.StripeCount(panels, stripePanels);
            using var z = new NativeBuffer<float>((long)padded * panels.PaddedColumns);
            using var maxima = new NativeBuffer<float>((long)padded * stripes);
            EncoderProduct.Compute(x.Pointer, padded, panels, bias.Pointer, z.Pointer, maxima.Pointer, stripePanels, wide);
            for (int row = 0; row < rows; row++)
            {
                var expectedMaxima = Enumerable.Repeat(float.NegativeInfinity, stripes).ToArray();
                for (int i = 0; i < n; i++)
                {
                    double sum = bias.Pointer[i];
                    for (int k = 0; k < d; k++) sum += (double)x.Pointer[row * d + k] * weights.Pointer[k * n + i];
                    float found = z.Pointer[(long)row * panels.PaddedColumns + i];
                    Assert.Equal(sum, found, 1e-5 * Math.Sqrt(d) + 1e-5 * Math.Abs(sum));
                    int stripe = i / (16 * stripePanels) * 16 + i % 16;
                    expectedMaxima[stripe] = Math.Max(expectedMaxima[stripe], found);
                }
                for (int i = n; i < panels.PaddedColumns; i++)
                    Assert.Equal(float.NegativeInfinity, z.Pointer[(long)row * panels.PaddedColumns + i]);
                Assert.Equal(expectedMaxima, new ReadOnlySpan<float>(maxima.Pointer + (long)row * stripes, stripes).ToArray());
            }
        }
    }

    public static TheoryData<string, int, int> Rows()
    {
        var rows = new TheoryData<string, int, int>();
        foreach (string kind in (string[])["normal", "ties", "few positive", "all negative", "all zero", "denormal", "negative zero",
            "equal", "descending", "infinite"])
        {
            foreach (var (n, k) in ((int, int)[])[(1, 1), (37, 1), (37, 37), (100, 32), (512, 7), (1000, 500)]) rows.Add(kind, n, k);
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
        int count = TopSelection.Select(z.Pointer, columns, maxima.Pointer, stripes, k, indices.Pointer, values.Pointer);

        float[] row = z.Span.ToArray();
        int[] expected = [.. Enumerable.Range(0, n).Where(i => row[i] > 0).OrderByDescending(i => row[i]).ThenBy(i => i).Take(k).Order()];
        Assert.Equal(expected, indices.Span[..count].ToArray());
        Assert.Equal(expected.Select(i => row[i]), values.Span[..count].ToArray());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 1)]
    [InlineData(64, 3)]
    [InlineData(65, 4)]
    [InlineData(130, 11)]
    public void Sums_of_rows_and_products_with_them(int d, int count)
    {
        var random = new CounterRandom(3, "test/rows", d);
        using var matrix = new NativeBuffer<float>(20 * d);
        for (int i = 0; i < 20 * d; i++) matrix.Pointer[i] = (float)random.NextGaussian();
        int[] rows = [.. Enumerable.Range(0, count).Select(_ => random.NextInt(20))];
        float[] factors = [.. rows.Select(_ => (float)random.NextGaussian())], sum = new float[d], products = new float[count];
        for (int i = 0; i < d; i++) sum[i] = i;
        fixed (int* r = rows)
        fixed (float* f = factors, s = sum, p = products)
        {
            VectorMath.AddRows(s, matrix.Pointer, r, f, count, d);
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
