using Fovea.Distributed;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

// A batch that is summed by shards: each shard's gradients by themselves, weighted by its share of the rows, in a fixed tree over all shards.
internal abstract unsafe partial class OperationStep
{
    private readonly ShardSums _shared;
    private NativeBuffer<float> _sums = new(0);

    /// <exception cref="FoveaException">Configuration: the variant looks at whole batches, and the device has no kernels that can.</exception>
    private void DifferentiateShards(
        BatchShards shards, ReadOnlySpan<float> vectors, double scale, double sparsityScale, AutoencoderMetrics metrics)
    {
        if (Autoencoder.LooksAtWholeBatch)
            throw FoveaException.BadConfiguration(
                $"{Autoencoder.Architecture} chooses over a whole batch, which its steps on {Autoencoder.Device.type} cannot do by shards: train it on the CPU, or "
                    + "leave shards out.");
        if (Autoencoder.DType != ScalarType.Float32) throw new NotSupportedException("Shards are summed in float32.");
        var parameters = Differentiated;
        long length = parameters.Sum(parameter => parameter.numel());
        // Of a tree no more is kept than a number for each level, and the shard at hand.
        int levels = 1 + System.Numerics.BitOperations.Log2((uint)shards.LocalCount);
        float* sums = NativeBuffer<float>.Ensure(ref _sums, length * levels);
        var batches = new AutoencoderMetrics.Batch[shards.LocalCount];
        byte[] fired = new byte[Autoencoder.LatentSize];
        // A span is no local of a lambda or of a nested function: the tree is walked by counting.
        for (int shard = 0, held = 0; shard < shards.LocalCount; shard++)
        {
            var (first, last) = shards.Local(shard);
            batches[shard] = DifferentiateShard(
                vectors[(first * Autoencoder.InputSize)..(last * Autoencoder.InputSize)], scale, sparsityScale, fired);
            Take(parameters, (double)(last - first) / shards.Rows, sums + held * length);
            // After shards 1, 3, 5, 7 …: as many sums are complete as the number ends with ones.
            for (int below = shard; (below & 1) == 1; below >>= 1) FixedTree.Add(sums + (held - 1) * length, sums + held-- * length, length);
            held++;
        }
        shards.Ranks.Sum(sums, length);
        Give(parameters, sums);
        _shared.Share(shards, batches, fired, metrics);
        ++_steps;
        _dead.Count(fired, shards.Rows);
    }

    /// <summary>One shard's gradients, left with the parameters, and what the metrics are told of it.</summary>
    private AutoencoderMetrics.Batch DifferentiateShard(ReadOnlySpan<float> vectors, double scale, double sparsityScale, byte[] fired)
    {
        if (vectors.Length == 0) return new AutoencoderMetrics.Batch(0, new double[Autoencoder.InputSize], 0, 0, 0, 0);
        using var scope = NewDisposeScope();
        var x = Scaled(vectors, scale);
        using var loss = Differentiate(x, sparsityScale);
        using var frozen = no_grad();
        byte[] own = Fired(loss.Codes);
        for (int latent = 0; latent < own.Length; latent++) fired[latent] |= own[latent];
        using var wide = x.cpu().to_type(ScalarType.Float64);
        using var mean = wide.mean([0]);
        return new AutoencoderMetrics.Batch(
            x.shape[0], [.. mean.data<double>()], (wide - mean).square().sum().item<double>(),
            (x - loss.Output).square().cpu().sum(ScalarType.Float64).item<double>(),
            (Number(loss.Sparsity) / sparsityScale + Number(loss.Auxiliary)) * x.shape[0], loss.Codes.ne(0).sum().cpu().item<long>());
    }

    /// <summary>Takes the gradients from the parameters, weighted; those that have none are zeros.</summary>
    private static void Take(IReadOnlyList<Tensor> parameters, double weight, float* to)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var parameter in parameters)
        {
            long count = parameter.numel();
            if (parameter.grad is { } gradient)
            {
                using var weighted = (gradient * weight).cpu().contiguous();
                NativeBuffer<float>.Copy(TensorMemory.Floats(weighted), to, count);
                parameter.grad = null;
            }
            else System.Runtime.InteropServices.NativeMemory.Clear(to, (nuint)count * sizeof(float));
            to += count;
        }
    }

    /// <summary>Gives the parameters their gradients.</summary>
    private static void Give(IReadOnlyList<Tensor> parameters, float* from)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var parameter in parameters)
        {
            var gradient = empty(parameter.shape);
            NativeBuffer<float>.Copy(from, TensorMemory.Floats(gradient), parameter.numel());
            parameter.grad = gradient.to(parameter.device);
            from += parameter.numel();
        }
    }
}
