using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>TIFFs whose directories claim strips, tiles and lists that cannot lie in them are refused before memory is taken.</summary>
public sealed class TiffStructureTests : IDisposable
{
    private const int Side = 16;
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(TiffTag.IMAGELENGTH, 150_000_000)]
    [InlineData(TiffTag.IMAGEWIDTH, 0x7FFFFFFF)]
    [InlineData(TiffTag.STRIPBYTECOUNTS, 0x7FFFFFFF)]
    [InlineData(TiffTag.STRIPOFFSETS, 0x7FFFFFFF)]
    public void A_number_that_cannot_be_is_refused(TiffTag tag, int value)
    {
        byte[] file = Written();
        Assert.Equal(Side, ImageCodec.Decode(file, "picture").Width);
        Refused(Changed(file, tag, 8, value));
    }

    /// <summary>More rows of a strip than the picture has are usual; they take no memory.</summary>
    [Theory]
    [InlineData(0x7FFFFFFF)]
    [InlineData(-1)]
    public void A_strip_may_claim_more_rows_than_there_are(int rows)
    {
        byte[] file = Changed(Written(), TiffTag.ROWSPERSTRIP, 8, rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(Side, ImageCodec.Decode(file, "picture").Height);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Fact]
    public void A_list_that_is_longer_than_the_file_is_refused() => Refused(Changed(Written(), TiffTag.STRIPOFFSETS, 4, 0x10000000));

    /// <summary>A tile is taken whole: it may be larger than the picture, by no more than usual tiles are.</summary>
    [Fact]
    public void A_tile_far_larger_than_its_picture_is_refused()
    {
        byte[] file = Written(tiled: true);
        Assert.Equal(Side, ImageCodec.Decode(file, "picture").Width);
        Refused(Changed(Changed(file, TiffTag.TILEWIDTH, 8, 1 << 13), TiffTag.TILELENGTH, 8, 1 << 12));
    }

    private static void Refused(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(file, "picture"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private byte[] Written(bool tiled = false)
    {
        using (Tiff tiff = Tiff.Open(_path, "w"))
        {
            foreach ((TiffTag tag, int value) in ((TiffTag, int)[])
                [(TiffTag.IMAGEWIDTH, Side), (TiffTag.IMAGELENGTH, Side), (TiffTag.BITSPERSAMPLE, 8), (TiffTag.SAMPLESPERPIXEL, 3),
                    (TiffTag.ROWSPERSTRIP, Side), (TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG), (TiffTag.COMPRESSION, (int)Compression.LZW), (TiffTag.PHOTOMETRIC, (int)Photometric.RGB)])
                if (!tiled || tag != TiffTag.ROWSPERSTRIP) tiff.SetField(tag, value);
            if (tiled)
            {
                tiff.SetField(TiffTag.TILEWIDTH, Side);
                tiff.SetField(TiffTag.TILELENGTH, Side);
                tiff.WriteTile(new byte[Side * Side * 3], 0, 0, 0, 0);
            }
            else
            {
                for (int y = 0; y < Side; y++) tiff.WriteScanline(new byte[Side * 3], y);
            }
        }
        return File.ReadAllBytes(_path);
    }

    // The entry becomes one of 4 bytes.
    private static byte[] Changed(byte[] file, TiffTag tag, int field, int value)
    {
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)), count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        for (int entry = directory + 2; count > 0; count--, entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry)) != (int)tag) continue;
            file[entry + 2] = 4;
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(entry + field), value);
        }
        return file;
    }
}
