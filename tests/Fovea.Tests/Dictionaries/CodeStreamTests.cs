using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Codes over entries against the dense form, loop by loop.</summary>
[Collection(TensorCounts.Name)]
public sealed class CodeStreamTests
{
    private const int Inputs = 19, Latents = 70;

    private static SparseAutoencoder Create(string variant)
    {
        var autoencoder = Samples.Create(variant, Inputs, Latents, ScalarType.Float32);
        using (no_grad())
        {
            if (autoencoder.Biases) autoencoder.Parameters[autoencoder.EncoderBiasParameter].abs_().neg_().sub_(0.05);
            if (autoencoder is BatchTopKAutoencoder) autoencoder.Parameters[SparseAutoencoder.ThresholdName].fill_(1.1);
        }
        return autoencoder;
    }

    private static float[] Values(Tensor tensor) => [.. tensor.contiguous().cpu().data<float>()];

    /// <summary>Every batch size: of one row, of less than a tile, with a rest, larger than all.</summary>
    [Theory]
    [MemberData(nameof(Samples.OfEntries), MemberType = typeof(Samples))]
    public void Every_code_is_the_dense_ones(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(variant);
        var x = Samples.Vectors(203, Inputs, ScalarType.Float32);
        // In between, vectors without an active latent: z = b_enc, which is below zero or, without biases, zero.
        var silent = autoencoder.Parameters[SparseAutoencoder.DecoderBiasName].unsqueeze(0);
        x = cat([x, silent, silent, x.narrow(0, 0, 3), silent]);
        int rows = (int)x.shape[0];
        float[] dense = Values(autoencoder.EncodeDense(x));
        var source = new ArrayVectors(Values(x), Inputs);
        foreach (int batchRows in (int[])[1, 5, 64, 1000])
        {
            using var stream = new CodeStream(autoencoder);
            var seen = new float[rows * Latents];
            long next = 0, entries = 0;
            foreach (var batch in stream.Encode(source, batchRows: batchRows))
            {
                Assert.Equal(next, batch.First);
                Assert.Equal(Latents, batch.LatentCount);
                for (int row = 0; row < batch.RowCount; row++)
                {
                    int last = -1;
                    for (long e = batch.RowOffsets[row]; e < batch.RowOffsets[row + 1]; e++, entries++)
                    {
                        Assert.True(batch.Latents[(int)e] > last, "latents ascend");
                        Assert.NotEqual(0, batch.Values[(int)e]);
                        seen[(batch.First + row) * Latents + (last = batch.Latents[(int)e])] = batch.Values[(int)e];
                    }
                }
                next += batch.RowCount;
            }
            Assert.Equal(rows, next);
            Assert.Equal(dense.Count(value => value != 0), entries);
            Assert.InRange(entries, rows, rows * Latents / 2);
            for (int i = 0; i < dense.Length; i++)
                Assert.True(Math.Abs(dense[i] - seen[i]) <= 1e-5 * (1 + Math.Abs(dense[i]))
                    && (dense[i] == 0) == (seen[i] == 0), $"code {i}: {dense[i]}, {seen[i]}");
        }
    }

    [Fact]
    public void A_vector_without_an_active_latent_has_an_empty_row()
    {
        foreach (string variant in (string[])["l1", "topk", "batchtopk", "jumprelu", "gated"])
        {
            using var autoencoder = Create(variant);
            using (no_grad()) autoencoder.Parameters[autoencoder.EncoderBiasParameter].fill_(-3);
            float[] bias = Values(autoencoder.Parameters[SparseAutoencoder.DecoderBiasName]);
            using var stream = new CodeStream(autoencoder);
            var batch = stream.Encode([.. bias, .. bias]);
            Assert.Equal([0L, 0, 0], batch.RowOffsets.ToArray());
            Assert.Equal(0, batch.Values.Length);
            Assert.Equal(0, stream.Encode([]).RowCount);
        }
    }

    [Fact]
    public void Of_equal_pre_activations_the_lower_latents_are_kept()
    {
        using var frozen = no_grad();
        using var autoencoder = new TopKAutoencoder(2, 40, 3);
        autoencoder.Parameters["W_enc"].fill_(1);
        using var stream = new CodeStream(autoencoder);
        var batch = stream.Encode([1, 1, 0.5f, 0.25f, -1, -1]);
        Assert.Equal([0L, 3, 6, 6], batch.RowOffsets.ToArray());
        Assert.Equal([0, 1, 2, 0, 1, 2], batch.Latents.ToArray());
        Assert.Equal([2, 2, 2, 0.75f, 0.75f, 0.75f], batch.Values.ToArray());
        // As many as the dense form keeps, of the same value.
        using var x = tensor((float[])[1, 1, 0.5f, 0.25f, -1, -1]).view(3, 2);
        using var dense = autoencoder.Encode(x);
        Assert.Equal(batch.Values.ToArray(), dense.Values.ToArray());
    }

    [Fact]
    public void A_threshold_is_passed_and_a_clip_value_reached()
    {
        using var frozen = no_grad();
        using var jump = new JumpReLUAutoencoder(1, 2, 1);
        using var clipped = new L1Autoencoder(1, 1, 1, clip: 0.5);
        jump.Parameters["W_enc"].fill_(1);
        jump.Parameters["threshold"].copy_(tensor((float[])[0.5f, 0]));
        clipped.Parameters["W_enc"].fill_(1);
        float[] x = [0, 0.5f, MathF.BitIncrement(0.5f), MathF.BitDecrement(0.5f)];
        using CodeStream jumps = new(jump), clips = new(clipped);
        Assert.Equal([0L, 0, 1, 3, 4], jumps.Encode(x).RowOffsets.ToArray());
        Assert.Equal([1, 0, 1, 1], jumps.Encode(x).Latents.ToArray());
        Assert.Equal([0L, 0, 1, 2, 2], clips.Encode(x).RowOffsets.ToArray());
    }

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void Codes_of_many_vectors_take_the_same_way(string variant)
    {
        using var scope = NewDisposeScope();
        using var autoencoder = Create(variant);
        // Transposed: rows that do not lie one after the other.
        var x = Samples.Vectors(Inputs, 600, ScalarType.Float32).t();
        using var codes = autoencoder.Encode(x);
        using var dense = SparseCodes.FromDense(autoencoder.EncodeDense(x));
        Assert.Equal(600, codes.RowCount);
        Assert.Equal(dense.RowOffsets.ToArray(), codes.RowOffsets.ToArray());
        Assert.Equal(dense.Latents.ToArray(), codes.Latents.ToArray());
        Assert.True(codes.Tensors.Values.allclose(dense.Tensors.Values, 1e-5, 1e-5));
        Assert.True(codes.ToDense().count_nonzero().item<long>() > 600);
    }

    [Fact]
    public void Rows_are_encoded_in_the_order_given()
    {
        using var autoencoder = Create("topk");
        using var scope = NewDisposeScope();
        var x = Samples.Vectors(50, Inputs, ScalarType.Float32);
        var source = new ArrayVectors(Values(x), Inputs);
        using var stream = new CodeStream(autoencoder);
        long[] rows = [49, 3, 3, 0, 17];
        float[] all = [.. stream.Encode(source).SelectMany(batch => batch.Values.ToArray())];
        float[] some = [.. stream.Encode(source, rows, 2).SelectMany(batch => batch.Values.ToArray())];
        Assert.Equal(rows.SelectMany(row => all[((int)row * 5)..((int)row * 5 + 5)]), some);
    }

    [Fact]
    public void A_source_hears_that_each_batch_was_read()
    {
        using var autoencoder = Create("topk");
        using var stream = new CodeStream(autoencoder);
        var source = new Counted(new ArrayVectors(new float[10 * Inputs], Inputs));
        Assert.Equal(4, stream.Encode(source, batchRows: 3).Count());
        Assert.Equal((10, 4), (source.Rows, source.Released));
    }

    private sealed class Counted(IVectorSource inner) : IVectorSource
    {
        public int Rows, Released;

        public int Dimension => inner.Dimension;

        public long Count => inner.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            Rows += rows.Length;
            inner.Read(rows, destination);
        }

        public void Release() => Released++;
    }

    [Fact]
    public void What_cannot_be_encoded_is_said()
    {
        using var autoencoder = Create("topk");
        using var stream = new CodeStream(autoencoder);
        var vectors = new float[Inputs * 2];
        Assert.Throws<ArgumentException>(() => stream.Encode(vectors.AsSpan(1)));
        vectors[Inputs + 1] = float.NaN;
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => stream.Encode(vectors)).Kind);
        Assert.Throws<ArgumentException>(() => stream.Encode(new ArrayVectors(vectors, Inputs * 2)));
        using var wide = Samples.Create("topk", Inputs, Latents, ScalarType.Float64);
        Assert.False(CodeStream.Supports(wide));
        Assert.Throws<ArgumentException>(() => new CodeStream(wide));
        // Many vectors in float64 go the dense way.
        using var scope = NewDisposeScope();
        using var codes = wide.Encode(Samples.Vectors(300, Inputs, ScalarType.Float64));
        Assert.Equal(ScalarType.Float64, codes.Tensors.Values.dtype);
        Assert.Equal(FailureKind.Numerical, Assert.Throws<FoveaException>(() => autoencoder.Encode(full([300, Inputs], float.NaN))).Kind);
    }

    [Fact]
    public void A_pass_leaves_no_tensors()
    {
        using var autoencoder = Create("jumprelu");
        using var x = Samples.Vectors(500, Inputs, ScalarType.Float32);
        autoencoder.Encode(x).Dispose();
        long before = TensorCounts.Settled();
        for (int i = 0; i < 3; i++) autoencoder.Encode(x).Dispose();
        Assert.Equal(before, TensorCounts.Settled());
    }
}
