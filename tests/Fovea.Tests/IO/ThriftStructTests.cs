using Fovea.IO;
using Xunit;

namespace Fovea.Tests.IO;

/// <summary>Structs of Thrift's compact protocol that lie about how much there is of them.</summary>
public sealed class ThriftStructTests
{
    private const int Depth = 100_000;

    /// <summary>Field 1, a list of one list of one list …, a byte each: deep enough to end a stack. And structs in structs.</summary>
    [Theory]
    [InlineData(0x19, 0x19)]
    [InlineData(0x1C, 0x1C)]
    [InlineData(0x19, 0x1A)]
    public void What_lies_too_deep_in_itself_is_refused(byte first, byte others)
    {
        byte[] bytes = [first, .. Enumerable.Repeat(others, Depth)];
        Assert.Contains("too deep", Assert.Throws<FormatException>(() => ThriftStruct.Read(bytes, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_in_maps_is_refused()
    {
        byte[] bytes = [0x1B, .. Enumerable.Repeat<byte[]>([1, 0xBB], Depth).SelectMany(pair => pair)];
        Assert.Throws<FormatException>(() => ThriftStruct.Read(bytes, out _));
    }

    [Theory]
    [InlineData(0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0x7F)]
    [InlineData(0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F)]
    public void More_than_there_is_is_not_made_room_for(params int[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<EndOfStreamException>(() => ThriftStruct.Read([.. bytes.Select(one => (byte)one)], out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }
}
