using Fovea.Numerics;

namespace Fovea.Distributed;

/// <summary>Small things that ranks must agree on, exactly: counts, flags, smallest values, words.</summary>
internal static unsafe class RankSums
{
    /// <summary>Whether any rank says so.</summary>
    public static bool Any(this IRanks ranks, bool own) => ranks.Sum(own ? 1 : 0) > 0;

    /// <summary>The sum of a number over all ranks.</summary>
    public static long Sum(this IRanks ranks, long own)
    {
        Span<long> numbers = [own];
        ranks.Sum(numbers);
        return numbers[0];
    }

    /// <summary>The sum of a number over the ranks before this one.</summary>
    public static long Before(this IRanks ranks, long own)
    {
        long sum = 0;
        foreach (long value in ranks.All<long>([own])[..ranks.Rank]) sum += value;
        return sum;
    }

    /// <summary>The smallest of a number over all ranks.</summary>
    public static float Smallest(this IRanks ranks, float own)
    {
        float smallest = float.PositiveInfinity;
        foreach (float value in ranks.All<float>([own])) smallest = Math.Min(smallest, value);
        return smallest;
    }

    /// <summary>Replaces each number by its sum over all ranks.</summary>
    public static void Sum(this IRanks ranks, Span<long> numbers)
    {
        if (ranks.Count == 1) return;
        long[] all = ranks.All<long>(numbers);
        for (int i = 0; i < numbers.Length; i++)
        {
            long sum = 0;
            for (int rank = 0; rank < ranks.Count; rank++) sum += all[rank * numbers.Length + i];
            numbers[i] = sum;
        }
    }

    /// <summary>What every rank gives, by rank; as much of each.</summary>
    public static T[] All<T>(this IRanks ranks, ReadOnlySpan<T> own) where T : unmanaged
    {
        if (ranks.Count == 1) return own.ToArray();
        using var sent = new NativeBuffer<T>(own.Length);
        using var received = new NativeBuffer<T>((long)own.Length * ranks.Count);
        own.CopyTo(sent.Span);
        ranks.Gather(sent.Pointer, received.Pointer, checked(own.Length * sizeof(T)));
        return received.Span[..(own.Length * ranks.Count)].ToArray();
    }

    /// <summary>Gives every rank rank 0's bytes; those of others are not looked at, and may be of another length.</summary>
    public static byte[] FromFirst(this IRanks ranks, byte[] own)
    {
        if (ranks.Count == 1) return own;
        using var length = new NativeBuffer<long>(1);
        *length.Pointer = own.Length;
        ranks.Broadcast(length.Pointer, sizeof(long));
        using var bytes = new NativeBuffer<byte>(*length.Pointer);
        if (ranks.Rank == 0) own.CopyTo(bytes.Span);
        ranks.Broadcast(bytes.Pointer, *length.Pointer);
        return bytes.Span[..(int)*length.Pointer].ToArray();
    }

    /// <summary>What every rank says, by rank: words of at most <paramref name="most"/> bytes in UTF-8.</summary>
    public static string[] Words(this IRanks ranks, string own, int most = 256)
    {
        Span<byte> word = new byte[most];
        System.Text.Encoding.UTF8.TryGetBytes(own, word, out _);
        byte[] all = ranks.All<byte>(word);
        return [.. Enumerable.Range(0, ranks.Count).Select(
            rank => System.Text.Encoding.UTF8.GetString(all.AsSpan(rank * most, most).TrimEnd((byte)0)))];
    }
}
