using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>
/// Dropout (Srivastava et al. 2014) whose masks follow from a seed and a counter: libtorch's own draws from a generator that the whole process
/// shares, so a training could not be continued exactly.
/// </summary>
internal sealed class SeededDropout(double probability) : Block(nameof(SeededDropout))
{
    private ulong _seed;
    private long _draws;

    /// <summary>The next masks are the first ones of this seed.</summary>
    public void Seed(ulong seed) => (_seed, _draws) = (seed, 0);

    public override Tensor forward(Tensor input)
    {
        if (!training) return input.alias();
        using var scope = NewDisposeScope();
        using var generator = new Generator(new CounterRandom(_seed, "dropout", _draws++).NextUInt64(), input.device);
        var mask = empty_like(input).bernoulli_(1 - probability, generator).div_(1 - probability);
        return scope.MoveToOuter(input * mask);
    }
}
