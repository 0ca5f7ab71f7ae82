using Fovea.IO;

namespace Fovea.Documents;

/// <summary>
/// The structs of Parquet's description (parquet.thrift, version 2.10) with the fields that a table may have: all but those of encryption.
/// </summary>
internal static class TableForms
{
    private const int Truth = 1, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Binary = 8, StructKind = 12;

    private static readonly ThriftForm Nothing = new();

    private static readonly ThriftForm Pair = new ThriftForm().With(Binary, 1, 2);

    private static readonly ThriftForm Statistics = new ThriftForm().With(Binary, 1, 2, 5, 6).With(Int64, 3, 4).With(Truth, 7, 8);

    private static readonly ThriftForm Unit = new ThriftForm().Struct(1, Nothing).Struct(2, Nothing).Struct(3, Nothing);

    private static readonly ThriftForm Moment = new ThriftForm().With(Truth, 1).Struct(2, Unit);

    private static readonly ThriftForm Logical = new ThriftForm().Struct(1, Nothing).Struct(2, Nothing).Struct(3, Nothing).Struct(4, Nothing)
        .Struct(5, new ThriftForm().With(Int32, 1, 2)).Struct(6, Nothing).Struct(7, Moment).Struct(8, Moment)
        .Struct(10, new ThriftForm().With(Byte, 1).With(Truth, 2)).Struct(11, Nothing).Struct(12, Nothing).Struct(13, Nothing).Struct(14, Nothing)
        .Struct(15, Nothing);

    private static readonly ThriftForm Element = new ThriftForm().With(Int32, 1, 2, 3, 5, 6, 7, 8, 9).With(Binary, 4).Struct(10, Logical);

    private static readonly ThriftForm Column = new ThriftForm().With(Int32, 1, 4, 15).List(2, Int32).List(3, Binary)
        .With(Int64, 5, 6, 7, 9, 10, 11, 14).List(8, StructKind, Pair).Struct(12, Statistics)
        .List(13, StructKind, new ThriftForm().With(Int32, 1, 2, 3)).Struct(16, new ThriftForm().With(Int64, 1).List(2, Int64).List(3, Int64));

    private static readonly ThriftForm Chunk = new ThriftForm().With(Binary, 1).With(Int64, 2, 4, 6).With(Int32, 5, 7).Struct(3, Column);

    private static readonly ThriftForm Group = new ThriftForm().List(1, StructKind, Chunk).With(Int64, 2, 3, 5, 6)
        .List(4, StructKind, new ThriftForm().With(Int32, 1).With(Truth, 2, 3)).With(Int16, 7);

    /// <summary>The whole description, at the end of a file.</summary>
    public static ThriftForm Footer { get; } = new ThriftForm().With(Int32, 1).List(2, StructKind, Element).With(Int64, 3)
        .List(4, StructKind, Group).List(5, StructKind, Pair).With(Binary, 6).List(7, StructKind, new ThriftForm().Struct(1, Nothing));

    /// <summary>What stands before each page.</summary>
    public static ThriftForm Page { get; } = new ThriftForm().With(Int32, 1, 2, 3, 4)
        .Struct(5, new ThriftForm().With(Int32, 1, 2, 3, 4).Struct(5, Statistics)).Struct(6, Nothing)
        .Struct(7, new ThriftForm().With(Int32, 1, 2).With(Truth, 3))
        .Struct(8, new ThriftForm().With(Int32, 1, 2, 3, 4, 5, 6).With(Truth, 7).Struct(8, Statistics));
}
