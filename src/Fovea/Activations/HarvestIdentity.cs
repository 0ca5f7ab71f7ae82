using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Activations;

/// <summary>Tells what a harvest's shards are made of from what those of another are: SHA-256 in lower-case hex.</summary>
internal static class HarvestIdentity
{
    /// <summary>Side of the picture that a transform is tried on: odd sizes, so that crops and resizing show.</summary>
    private const int ProbeWidth = 97, ProbeHeight = 71;

    /// <summary>
    /// Of everything that decides a shard's bytes but the processor: the images asked for, what the transform makes of a picture of noise,
    /// the network by its fingerprint, the engine that reads it, the options. Not the share held out, which is no part of a shard.
    /// </summary>
    public static string Of(
        string network, string engine, IImageTransform transform, IImageSource source, IReadOnlyList<int> images, HarvestOptions options,
            int imagesOfShard)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Text(hash, source.Fingerprint);
        hash.AppendData(MemoryMarshal.AsBytes<int>([images.Count, imagesOfShard]));
        foreach (int[] some in images.Chunk(4096)) hash.AppendData(MemoryMarshal.AsBytes<int>(some));
        Text(hash, JsonSerializer.Serialize(options with
        {
            ValidationFraction = 0,
            ShardBytes = 0,
            KeepBy = options.Keep == 0 ? null : options.KeptBy,
        }, JsonFile.Options));
        Try(hash, transform);
        Text(hash, network);
        Text(hash, engine);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Try(IncrementalHash hash, IImageTransform transform)
    {
        var random = new CounterRandom(0, "harvest/probe", 0);
        var pixels = new byte[ProbeWidth * ProbeHeight * 3];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        var (height, width) = transform.OutputSize;
        var input = new float[checked(3 * height * width)];
        transform.Apply(new RgbImage(ProbeWidth, ProbeHeight, pixels), 0, input);
        hash.AppendData(MemoryMarshal.AsBytes<int>([height, width]));
        hash.AppendData(MemoryMarshal.AsBytes<float>(input));
    }

    private static void Text(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(MemoryMarshal.AsBytes<int>([bytes.Length]));
        hash.AppendData(bytes);
    }
}
