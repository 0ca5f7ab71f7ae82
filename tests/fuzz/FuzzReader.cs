using Fovea.Numerics;

namespace Fovea.Fuzz;

/// <summary>A part of Fovea that reads what others wrote, and how inputs for it are made.</summary>
internal abstract class FuzzReader : IDisposable
{
    /// <summary>What the command calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, in a few words.</summary>
    public abstract string About { get; }

    /// <summary>Types whose blocks count as its own: beginnings of their full names.</summary>
    public abstract IReadOnlyList<string> Types { get; }

    /// <summary>Whether reading works in memory that .NET does not count; its peak is measured then, which takes time.</summary>
    public virtual bool Native => false;

    /// <summary>Whether reading works on other threads too, whose memory counts.</summary>
    public virtual bool Threads => false;

    /// <summary>Where files of one input lie.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Sound inputs; small, so that many can be read.</summary>
    public abstract IReadOnlyList<byte[]> Seeds();

    /// <summary>One change of a kind that this form has: a length, an offset, a word of it; the bytes stay a file that is read far.</summary>
    /// <param name="input">What is changed.</param>
    /// <param name="random">Draws the change.</param>
    public abstract byte[] Change(byte[] input, CounterRandom random);

    /// <summary>Reads an input as the product does. Only <see cref="FoveaException"/> may come out of it.</summary>
    public abstract void Read(byte[] input);

    /// <summary>Bytes that reading may take beside what is allowed to every reader: for pictures, those of their output.</summary>
    public virtual long Output(byte[] input) => 0;

    /// <summary>Writes the input to a file of this name, which is replaced.</summary>
    protected string File(byte[] input, string name)
    {
        string path = Path.Combine(Folder, name);
        System.IO.File.WriteAllBytes(path, input);
        return path;
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
