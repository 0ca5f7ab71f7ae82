namespace Fovea.Numerics;

/// <summary>
/// A random order of 0 … n − 1 without a table: the item at a place, and the place of an item, follow from a key by a few multiplications,
/// so that an order of 10¹² items costs as little memory as one of ten. A Feistel network over the two digits of a number in a mixed base
/// a·b ≥ n (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"), six rounds (16 for few items) with SplitMix64's finaliser; a
/// result of n or more is sent through again (cycle walking), which happens with probability below 1/√n. Immutable; thread-safe.
/// </summary>
public sealed class KeyedPermutation
{
    /// <summary>Digits of few values need more rounds until every item is as often at every place.</summary>
    private const int Rounds = 6, RoundsOfFew = 16, Few = 4096;

    private readonly ulong _count, _left, _right;
    private readonly ulong[] _keys;

    /// <summary>The order of one item of one stage.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">A name for the purpose; see <see cref="CounterRandom"/>.</param>
    /// <param name="item">What the order is for, e.g. the pass.</param>
    /// <param name="count">n ≥ 1, at most 2⁶².</param>
    public KeyedPermutation(ulong seed, string stage, long item, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 62);
        _count = (ulong)count;
        _left = (ulong)Math.Ceiling(Math.Sqrt(count));
        _right = (_count + _left - 1) / _left;
        var random = new CounterRandom(seed, stage, item);
        _keys = new ulong[count < Few ? RoundsOfFew : Rounds];
        for (int round = 0; round < _keys.Length; round++) _keys[round] = random.NextUInt64();
    }

    /// <summary>n.</summary>
    public long Count => (long)_count;

    /// <summary>The item at a place of the order.</summary>
    /// <param name="place">0 … n − 1.</param>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)place, _count, nameof(place));
            ulong at = (ulong)place;
            do at = Forward(at); while (at >= _count);
            return (long)at;
        }
    }

    /// <summary>The place at which an item stands.</summary>
    /// <param name="item">0 … n − 1.</param>
    public long PlaceOf(long item)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)item, _count, nameof(item));
        ulong at = (ulong)item;
        do at = Backward(at); while (at >= _count);
        return (long)at;
    }

    private ulong Forward(ulong at)
    {
        var (left, right) = Math.DivRem(at, _right);
        for (int round = 0; round < _keys.Length; round += 2)
        {
            left += Below(right + _keys[round], _left);
            if (left >= _left) left -= _left;
            right += Below(left + _keys[round + 1], _right);
            if (right >= _right) right -= _right;
        }
        return left * _right + right;
    }

    private ulong Backward(ulong at)
    {
        var (left, right) = Math.DivRem(at, _right);
        for (int round = _keys.Length - 2; round >= 0; round -= 2)
        {
            ulong turn = Below(left + _keys[round + 1], _right);
            right = right >= turn ? right - turn : right + _right - turn;
            turn = Below(right + _keys[round], _left);
            left = left >= turn ? left - turn : left + _left - turn;
        }
        return left * _right + right;
    }

    private static ulong Below(ulong z, ulong limit)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return Math.BigMul(z ^ (z >> 31), limit, out _);
    }
}
