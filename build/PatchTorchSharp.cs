using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an ELF64 library and lets the copy load where libstdc++ ends at GLIBCXX_3.4.30. The library asks for 3.4.32 through one
/// symbol only, <c>_ZSt21ios_base_library_initv</c>, an empty marker function. In the copy
/// (1) the version entry GLIBCXX_3.4.32 takes the name and hash of its sibling GLIBCXX_3.4.30, and
/// (2) the marker symbol takes the name and version of <c>floor</c>, which is imported already and ignores nothing it could harm.
/// (3) <c>THSTorch_dispose_scalar</c> returns at once: TorchSharp's finaliser frees numbers that libtorch may still be reading
/// (docs/decisions/0009-scalars-and-the-collector.md).
/// No size or offset moves. Fails with a message if either is not where it is expected (another TorchSharp).
/// </summary>
public class PatchTorchSharp : Task
{
    private const string Marker = "_ZSt21ios_base_library_initv";
    private const string Harmless = "floor";
    private const string DisposeScalar = "THSTorch_dispose_scalar";
    private const string Wanted = "GLIBCXX_3.4.32";
    private const string Sibling = "GLIBCXX_3.4.30";

    [Required] public string Source { get; set; }

    [Required] public string Destination { get; set; }

    /// <summary>This file: a copy made by an older form of it is made again.</summary>
    [Required] public string Script { get; set; }

    private byte[] _elf;

    public override bool Execute()
    {
        if (File.Exists(Destination) && File.GetLastWriteTimeUtc(Destination) >= File.GetLastWriteTimeUtc(Source)
            && File.GetLastWriteTimeUtc(Destination) >= File.GetLastWriteTimeUtc(Script)
            && new FileInfo(Destination).Length == new FileInfo(Source).Length)
            return true;
        try
        {
            _elf = File.ReadAllBytes(Source);
            Patch();
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            // Written aside and renamed, so that a build that is cut off leaves no half library behind.
            string temporary = Destination + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(temporary, _elf);
            File.Delete(Destination);
            File.Move(temporary, Destination);
            File.SetLastWriteTimeUtc(Destination, DateTime.UtcNow);
            return true;
        }
        catch (InvalidDataException e)
        {
            Log.LogError("{0} cannot be made portable: {1} This target was written for TorchSharp 0.107.0.", Source, e.Message);
            return false;
        }
    }

    private void Patch()
    {
        if (_elf.Length < 64 || BitConverter.ToUInt32(_elf, 0) != 0x464C457F || _elf[4] != 2)
            throw new InvalidDataException("it is not a 64-bit ELF file.");
        long sections = BitConverter.ToInt64(_elf, 0x28);
        int entrySize = BitConverter.ToUInt16(_elf, 0x3A), count = BitConverter.ToUInt16(_elf, 0x3C);
        long strings = 0, symbols = 0, symbolBytes = 0, versions = 0, needs = 0;
        for (int i = 0; i < count; i++)
        {
            int header = (int)(sections + i * entrySize);
            uint type = BitConverter.ToUInt32(_elf, header + 4);
            long offset = BitConverter.ToInt64(_elf, header + 0x18), size = BitConverter.ToInt64(_elf, header + 0x20);
            if (type == 11)
            {
                symbols = offset;
                symbolBytes = size;
                int link = BitConverter.ToInt32(_elf, header + 0x28);
                strings = BitConverter.ToInt64(_elf, (int)(sections + link * entrySize) + 0x18);
            }
            else if (type == 0x6fffffff) versions = offset;
            else if (type == 0x6ffffffe) needs = offset;
        }
        if (symbols == 0 || strings == 0 || versions == 0 || needs == 0)
            throw new InvalidDataException("its dynamic symbol tables are missing.");
        RenameVersion(needs, strings);
        RenameSymbol(symbols, symbolBytes, strings, versions);
        ReturnAtOnce(symbols, symbolBytes, strings);
    }

    private void ReturnAtOnce(long symbols, long bytes, long strings)
    {
        for (int i = 0; i < bytes / 24; i++)
        {
            int entry = (int)symbols + i * 24;
            if (Text(strings + BitConverter.ToUInt32(_elf, entry)) != DisposeScalar) continue;
            long code = FileOffset(BitConverter.ToInt64(_elf, entry + 8));
            // test rdi, rdi: the function begins by looking whether there is anything to free.
            if (_elf[code] != 0x48 || _elf[code + 1] != 0x85 || _elf[code + 2] != 0xFF) break;
            _elf[code] = 0xC3; // ret
            return;
        }
        throw new InvalidDataException("it has no " + DisposeScalar + " that begins as expected.");
    }

    private long FileOffset(long address)
    {
        long headers = BitConverter.ToInt64(_elf, 0x20);
        int size = BitConverter.ToUInt16(_elf, 0x36), count = BitConverter.ToUInt16(_elf, 0x38);
        for (int i = 0; i < count; i++)
        {
            int header = (int)headers + i * size;
            if (BitConverter.ToUInt32(_elf, header) != 1) continue; // PT_LOAD
            long offset = BitConverter.ToInt64(_elf, header + 8), start = BitConverter.ToInt64(_elf, header + 16), length = BitConverter.ToInt64(_elf, header + 32);
            if (address >= start && address < start + length) return address - start + offset;
        }
        throw new InvalidDataException("its " + DisposeScalar + " lies in no segment.");
    }

    private void RenameVersion(long needs, long strings)
    {
        for (int need = (int)needs; ;)
        {
            int versionCount = BitConverter.ToUInt16(_elf, need + 2);
            string file = Text(strings + BitConverter.ToUInt32(_elf, need + 4));
            int next = BitConverter.ToInt32(_elf, need + 12), wanted = -1, sibling = -1;
            for (int i = 0, entry = need + BitConverter.ToInt32(_elf, need + 8); i < versionCount; i++)
            {
                string name = Text(strings + BitConverter.ToUInt32(_elf, entry + 8));
                if (name == Wanted) wanted = entry;
                if (name == Sibling) sibling = entry;
                entry += BitConverter.ToInt32(_elf, entry + 12);
            }
            if (file == "libstdc++.so.6")
            {
                if (wanted < 0 || sibling < 0) throw new InvalidDataException("it does not ask for both " + Wanted + " and " + Sibling + ".");
                Buffer.BlockCopy(_elf, sibling, _elf, wanted, 4);          // hash
                Buffer.BlockCopy(_elf, sibling + 8, _elf, wanted + 8, 4);  // name
                return;
            }
            if (next == 0) throw new InvalidDataException("it does not need libstdc++.so.6.");
            need += next;
        }
    }

    private void RenameSymbol(long symbols, long bytes, long strings, long versions)
    {
        int marker = -1, harmless = -1;
        for (int i = 0; i < bytes / 24; i++)
        {
            int entry = (int)symbols + i * 24;
            string name = Text(strings + BitConverter.ToUInt32(_elf, entry));
            bool undefined = BitConverter.ToUInt16(_elf, entry + 6) == 0;
            if (undefined && name == Marker) marker = i;
            if (undefined && name == Harmless) harmless = i;
        }
        if (marker < 0 || harmless < 0) throw new InvalidDataException("it does not import both " + Marker + " and " + Harmless + ".");
        Buffer.BlockCopy(_elf, (int)symbols + harmless * 24, _elf, (int)symbols + marker * 24, 4);
        Buffer.BlockCopy(_elf, (int)versions + harmless * 2, _elf, (int)versions + marker * 2, 2);
    }

    private string Text(long offset)
    {
        int end = Array.IndexOf(_elf, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(_elf, (int)offset, end - (int)offset);
    }
}
